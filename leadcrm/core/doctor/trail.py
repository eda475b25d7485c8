"""The audit trail: the recent part of every chain recomputed with its key."""

from uuid import UUID

from flask_babel import lazy_gettext as _
from sqlalchemy import Connection, text

from leadcrm.core.audit import chain_mac
from leadcrm.core.doctor.report import Check, Group, Outcome, fail, ok
from leadcrm.core.doctor.subject import Subject

RECENT = 500  # lines of each chain
HEADS = text("SELECT company_id, seq, mac FROM core_audit_head")
LINES = text("""
    SELECT seq, body, mac FROM (
      SELECT seq, body, mac FROM core_audit_line WHERE company_id = :company ORDER BY seq DESC LIMIT :most
    ) recent ORDER BY seq
""")
GUARD = text("SELECT tgenabled FROM pg_trigger WHERE tgname = 'core_audit_frozen' AND tgrelid = "
             "'core_audit_line'::regclass")  # fmt: skip


def chain(subject: Subject) -> Outcome:
    with subject.as_owner() as connection:
        heads = connection.execute(HEADS).all()
        broken = [head.company_id for head in heads if not _holds(connection, *head)]
    if broken:
        remedy = _("something changed the trail: keep everything as it is and compare with a backup and the anchors")
        return fail(_("a chain is broken"), remedy, ", ".join(map(str, broken)))
    return ok(_("the last %(most)d lines of %(count)d chains verified", most=RECENT, count=len(heads)))


def _holds(connection: Connection, company: UUID, head: int, end: bytes) -> bool:
    """Without gaps, each line bound to the one before, the last one at the head."""
    lines = connection.execute(LINES, {"company": company, "most": RECENT + 1}).all()
    if not lines:
        return head == 0
    previous, whole = lines[0], lines[0].seq == 1
    if whole and chain_mac(company, b"", previous.body) != bytes(previous.mac):
        return False
    for line in lines[1:]:
        if line.seq != previous.seq + 1 or chain_mac(company, bytes(previous.mac), line.body) != bytes(line.mac):
            return False
        previous = line
    return bool(previous.seq == head) and bytes(previous.mac) == bytes(end)


def append_only(subject: Subject) -> Outcome:
    with subject.as_owner() as connection:
        state = connection.execute(GUARD).scalar_one_or_none()
    if state not in ("O", "A"):
        return fail(_("its lines could be changed"), _("enable the trigger core_audit_frozen again"))
    return ok(_("lines are only added: no role may change or remove one"))


CHECKS = (
    Check("audit.chain", _("Chain of the audit trail"), Group.WATCH, chain, ("A14",)),
    Check("audit.append_only", _("Audit trail only added to"), Group.WATCH, append_only, ("A14",)),
)
