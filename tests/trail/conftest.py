"""Anchors of one test are not another's."""

import shutil

import pytest

from leadcrm.core.config import Config
from tests.auth.conftest import enrolled, query

__all__ = ["enrolled", "query"]


@pytest.fixture(autouse=True)
def own_instance(whole_app: object, whole_worker_app: object, config: Config, tmp_path_factory: pytest.TempPathFactory,
                 monkeypatch: pytest.MonkeyPatch) -> Config:  # fmt: skip
    """The same configuration over a folder of this test's own, so that processes of the tests do not share anchors."""
    folder = tmp_path_factory.mktemp("instance")
    shutil.copytree(config.instance / "keys", folder / "keys")
    own = config.model_copy(update={"instance": folder})
    for app in (whole_app, whole_worker_app):
        monkeypatch.setitem(app.extensions, "config", own)  # type: ignore[attr-defined]  # both are applications
    return own
