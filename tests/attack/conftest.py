"""Whatever lies in this folder is an attack: `make attack` runs it, `make test` does not."""

from pathlib import Path

import pytest
from argon2.low_level import hash_secret

from leadcrm.auth.services import old_hashes

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.attack)


@pytest.fixture(autouse=True)
def every_hash_takes_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Other tests remember hashes (tests/world.py); what is timed here must not."""
    monkeypatch.setattr(old_hashes, "hash_secret", hash_secret)
