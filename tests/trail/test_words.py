"""Whatever is noted anywhere has words; no manager reads a name of ours."""

import ast
from collections.abc import Iterator
from pathlib import Path

from leadcrm.core.db import Base
from leadcrm.core.fields.facts import facts_of
from leadcrm.trail.services import words

PACKAGE = Path(__file__).parent.parent.parent / "leadcrm"


def noted() -> Iterator[tuple[str, str]]:
    """(file, action) of every audit.note("…") in the source."""
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "note":
                said = ast.walk(node.args[0]) if node.args else ()
                texts = (each.value for each in said if isinstance(each, ast.Constant) and isinstance(each.value, str))
                yield from ((path.relative_to(PACKAGE).as_posix(), text) for text in texts)


def test_every_action_has_words() -> None:
    assert {each for each in noted() if each[1] not in words.ACTIONS} == set()


def test_every_audited_table_has_words() -> None:
    models = [mapper.class_ for mapper in Base.registry.mappers]
    audited = {str(each.__tablename__) for each in models if any(facts.audited for facts in facts_of(each).values())}
    assert audited - words.SUBJECTS.keys() == set()
