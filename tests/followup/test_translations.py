"""Every sentence of follow-up has its Dutch."""

from tests.imports.test_translations import test_every_sentence_is_translated as check


def test_every_sentence_is_translated() -> None:
    check("followup")
