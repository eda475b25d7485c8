"""Whether this instance is the demonstration's: empty, begun by it, or somebody's real office."""

from sqlalchemy import Connection, func, select

from leadcrm.auth.models.people import Company, User
from leadcrm.core.db import PLATFORM_ID
from leadcrm.core.jobs import maintenance
from leadcrm.demo.services.founding import found
from leadcrm.demo.services.records import Record
from leadcrm.demo.services.seeding import WHY


class RealData(RuntimeError):
    """This instance holds what the demonstration did not make; says what."""


def is_founded(record: Record | None, owner: Connection) -> bool:
    """True when its companies are here, False when nothing is. Raises RealData for anything else.

    Asked as the owner of the tables, who sees all of them: the application need not be made for it.
    """
    companies = owner.execute(select(Company.id, Company.name).where(Company.id != PLATFORM_ID)).all()
    users = owner.scalar(select(func.count()).select_from(User)) or 0
    made = {office.id for office in record.offices} if record else set()
    if made and made <= {ident for ident, _name in companies}:
        return True
    if companies or users:
        raise RealData(_explained([name for _id, name in companies], users, record))
    return False


def _explained(names: list[str], users: int, record: Record | None) -> str:
    what = f"companies ({', '.join(sorted(names)[:3])})" if names else f"{users} account(s)"
    why = "instance/demo.json does not belong to them" if record else "there is no instance/demo.json that made them"
    return (
        f"This instance holds {what}, and {why}. The demonstration never touches real data: "
        "give it an instance of its own, LEADCRM_INSTANCE=/some/empty/folder."
    )


def settle(record: Record) -> None:
    """The companies with their people, in one transaction."""
    with maintenance(WHY):
        found(record.offices, record.staff, record.known)
