"""What a file's tests begin with is the same each time, row by row."""

from collections.abc import Callable
from uuid import UUID

import pytest
from flask import Flask

from leadcrm.core.db import session
from leadcrm.core.reveal import peek
from leadcrm.core.scope import viewing_as
from leadcrm.leads.models.lead import Lead
from tests.leads.factories import a_full_lead, persons_of
from tests.people import ANN
from tests.shelf import Shelf
from tests.world import forget_what_tests_wrote, superuser, viewer_of, written_by_tests


@pytest.fixture
def make(app: Flask) -> Callable[[], UUID]:
    def made() -> UUID:
        with app.app_context(), viewing_as(viewer_of(ANN)):
            lead = a_full_lead()
            session.commit()
            return lead.id

    return made


def everything(admin_url: str) -> dict[str, list[str]]:
    admin = superuser(admin_url)
    rows = {table: admin.execute(f"SELECT t::text FROM {table} t").fetchall() for table in written_by_tests(admin_url)}  # type: ignore[arg-type]  # ours
    return {table: sorted(text for (text,) in found) for table, found in rows.items()}


def test_it_is_put_back_as_it_was(app: Flask, admin_url: str, make: Callable[[], UUID]) -> None:
    shelf = Shelf(admin_url)
    lead_id, before = shelf.once("a household", make), everything(admin_url)
    assert len(before) > 10
    forget_what_tests_wrote(admin_url)
    assert everything(admin_url) == {}
    assert shelf.once("a household", lambda: pytest.fail("made again")) == lead_id
    assert everything(admin_url) == before
    with app.app_context(), viewing_as(viewer_of(ANN)):
        from_shelf = persons_of(session.get(Lead, lead_id))[0]
        assert peek(from_shelf, "birth_date").year == 1985


def test_beside_what_a_test_wrote_it_is_made_anew(admin_url: str, make: Callable[[], UUID]) -> None:
    shelf = Shelf(admin_url)
    assert shelf.once("a household", make) != shelf.once("a household", make)


def test_the_world_is_not_put_on_it(app: Flask, admin_url: str) -> None:
    def change() -> None:
        superuser(admin_url).execute("UPDATE auth_user SET name = 'Anna' WHERE id = %s", [ANN.id])

    with pytest.raises(AssertionError, match="the world"):
        Shelf(admin_url).once("a name", change)
