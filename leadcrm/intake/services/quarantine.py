"""What a person does with an arrival that waits: look, mend field by field, release, set aside, and take that back."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from sqlalchemy import select, update

from leadcrm.core import audit
from leadcrm.core.db import now, session
from leadcrm.core.fields.bsn import refuse
from leadcrm.core.fields.kinds import Invalid, Kind
from leadcrm.core.jobs import defer
from leadcrm.core.scope import signed_in_viewer
from leadcrm.imports.queries.known import Known
from leadcrm.imports.services.duplicates import find_known, keys_of
from leadcrm.imports.services.targets import Target, targets
from leadcrm.intake import jobs
from leadcrm.intake.models.arrival import Arrival
from leadcrm.intake.models.terms import Discarded, State, Why
from leadcrm.intake.services import content as contents
from leadcrm.intake.services.candidates import Agreed, Candidate, terms_of
from leadcrm.intake.services.content import LONGEST_VALUE, Content
from leadcrm.intake.services.reading import Judged, Plans, Problem, judge, meaning
from leadcrm.intake.services.taking import become_leads, hold, mark_alike
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.services.leads import delete
from leadcrm.leads.services.matching import Match, duplicates

ALWAYS = ("lead.goal", "applicant.call_name", "applicant.birth_name", "applicant.email", "applicant.phone")
MOST_AGAIN = 1_000


@dataclass
class Mend:
    """One field as it can be mended. `name` is its target, which the form sends; `arrived` what its sender wrote."""

    target: Target
    value: str
    arrived: str = ""
    errors: list[str] = field(default_factory=list)

    @property
    def id(self) -> str:
        return self.target.key

    @property
    def label(self) -> str:
        return f"{self.target.part.label}: {self.target.label}" if self.target.part.key != "lead" else self.target.label

    @property
    def kind(self) -> Kind:
        return self.target.kind


@dataclass
class Sight:
    """An arrival opened for a person."""

    arrival: Arrival
    content: Content
    judged: Judged
    agreed: Agreed
    fields: list[Mend]
    rest: list[tuple[str, str]]
    alike: list[Match] = field(default_factory=list)
    errors: tuple[str, ...] = ()  # what belongs to no field

    @property
    def problems(self) -> list[Problem]:
        return self.judged.problems

    @property
    def valid(self) -> bool:
        return not self.problems

    def __iter__(self) -> Iterator[Mend]:
        return iter(self.fields)


def find(arrival_id: UUID) -> Arrival | None:
    """Locked: two people release the same arrival once."""
    found: Arrival | None = session.scalars(
        select(Arrival).where(Arrival.id == arrival_id).with_for_update()
    ).one_or_none()
    return found


def look(arrival: Arrival) -> Sight:
    """Its contents are opened, which is logged."""
    audit.note("intake.looked at", arrival)
    return sight_of(arrival, contents.open_of(arrival))


def sight_of(arrival: Arrival, content: Content) -> Sight:
    agreed = terms_of(arrival.company_id)[arrival.inlet_id]
    judged = judge(content, agreed.inlet.goal, Plans())
    fields = _fields(content, judged)
    for mend in fields:
        if mend.id == "lead.goal" and agreed.inlet.goal is not None:
            mend.value = mend.value or str(agreed.inlet.goal)
    shown = {mend.target.key for mend in fields}
    rest = [(name, text) for name, text in content.named.items() if meaning(name) not in shown]
    people = [judged.household[part] for part in ("applicant", "partner") if part in judged.household]
    alike = duplicates(arrival.company_id, people) if people else []
    return Sight(arrival, content, judged, agreed, fields, rest, alike)


def _fields(content: Content, judged: Judged) -> list[Mend]:
    """What came, what is wrong or missing, and what every lead has; in the order of the record."""
    came: dict[str, str] = {}
    for name in content.named:
        came.setdefault(meaning(name), name)
    wanted = {key for key in (*came, *ALWAYS, *(each.target for each in judged.problems)) if key in targets()}
    messages: dict[str, list[str]] = {}
    for each in judged.problems:
        messages.setdefault(each.target, []).append(str(each.message))
    return [
        _mend(target, content, came.get(key, ""), messages.get(key, []))
        for key, target in targets().items() if key in wanted
    ]  # fmt: skip


def _mend(target: Target, content: Content, name: str, errors: list[str]) -> Mend:
    arrived = content.fields.get(name, "")
    value = content.named.get(name, "")
    if value and not errors and target.split is None:
        value = _as_typed(target.kind, value)
    return Mend(target, value, arrived, errors)


def _as_typed(kind: Kind, text: str) -> str:
    try:
        return kind.edit(kind.parse(text))
    except Invalid:
        return text


def mended(content: Content, typed: Mapping[str, str]) -> Content:
    """What a person made of it, beside what came. Raises Invalid for what may not be kept."""
    came: dict[str, str] = {}
    for name in content.named:
        came.setdefault(meaning(name), name)
    made = dict(content.mended)
    for key in targets().keys() & typed.keys():
        text = typed[key].strip()[:LONGEST_VALUE]
        refuse(f"{came.get(key, '')} {text}")
        name = came.get(key, key)
        if text or name in content.named:
            made[name] = text
    return replace(content, mended=made)


def keep(sight: Sight) -> None:
    """Mending goes on later: nothing typed is lost."""
    arrival = sight.arrival
    arrival.sealed = contents.seal(sight.content, arrival.company_id, arrival.id)
    arrival.problems = len(sight.problems)


def release(sight: Sight) -> UUID | None:
    """The lead that it becomes; None while something in it cannot be used."""
    arrival = sight.arrival
    keep(sight)
    if sight.problems:
        return None
    candidate = Candidate(arrival, sight.content, sight.judged, sight.agreed)
    keys = list(keys_of(arrival.company_id, sight.judged.household))
    known: Known = find_known(arrival.company_id, [keys]) if keys else {}
    mark_alike(arrival, keys, known)
    become_leads(signed_in_viewer(), [candidate])
    _decided(arrival)
    audit.note("intake.released", arrival, lead=str(candidate.lead_id))
    return candidate.lead_id


def _decided(arrival: Arrival) -> None:
    arrival.decided_by, arrival.decided_at = signed_in_viewer().user_id, now()


def set_aside(arrival: Arrival, reason: Discarded, remark: str | None) -> None:
    arrival.state, arrival.set_aside, arrival.remark = State.DISCARDED, reason, remark
    _decided(arrival)
    audit.note("intake.set aside", arrival, reason=str(reason))


def take_back(arrival: Arrival) -> bool:
    """Undo: what was set aside waits again; the lead that was made goes where removed leads are. Once it was forgotten
    what arrived there is nothing to go back to."""
    if arrival.sealed is None or arrival.state not in (State.DISCARDED, State.LEAD):
        return False
    if arrival.state == State.LEAD:
        lead = session.get(Lead, arrival.lead_id)
        if lead is not None and lead.deleted_at is None:
            delete(lead)
        arrival.lead_id = None
        hold(arrival, Why.RETURNED)
    arrival.state, arrival.set_aside, arrival.remark = State.QUARANTINED, None, None
    _decided(arrival)
    audit.note("intake.taken back", arrival)
    return True


def try_again(inlet_id: UUID | None) -> int:
    """After the settings of a source changed: what waits is judged anew."""
    some = select(Arrival.id).where(
        Arrival.state == State.QUARANTINED, Arrival.why.in_([Why.INVALID, Why.UNREAD, Why.BROKEN])
    )
    some = some.where(Arrival.inlet_id == inlet_id) if inlet_id else some
    ids: Sequence[UUID] = session.scalars(some.limit(MOST_AGAIN)).all()
    session.execute(update(Arrival).where(Arrival.id.in_(ids)).values(state=State.WAITING, why=None))
    if ids:
        defer(jobs.take_in, once="intake", lock="intake")
        audit.note("intake.tried again", subject=Arrival.__tablename__, arrivals=len(ids))
    return len(ids)
