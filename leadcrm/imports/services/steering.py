"""What people decide about an import: its columns, to check, to begin, to stop, to undo, to throw away."""

from flask_babel import lazy_gettext as _
from sqlalchemy import select

from leadcrm.core import audit
from leadcrm.core.claims import claiming
from leadcrm.core.db import now, session
from leadcrm.core.fields.kinds import Invalid
from leadcrm.core.scope import Scope, Viewer
from leadcrm.imports.models import Import, OnDuplicate, OnProblem, State, Template
from leadcrm.imports.services.mapping import Mapping

STILL_OPEN = (State.MAPPING, State.CHECKING, State.CHECKED)
UNDER_WAY = (State.CHECKING, State.IMPORTING, State.UNDOING)
HAS_LEADS = (State.DONE, State.CANCELLED, State.FAILED)


def map_columns(taken: Import, mapping: Mapping) -> None:
    """Keep a mapping; what was checked with another one counts no more.

    The same one once more changes nothing: a preview may be on its way while somebody presses the button to check.
    """
    _must_be(taken, *STILL_OPEN)
    if taken.mapping != mapping.as_json():
        taken.mapping, taken.state = mapping.as_json(), State.MAPPING


def begin_check(taken: Import) -> None:
    _must_be(taken, *STILL_OPEN)
    taken.state, taken.began_at, taken.ended_at = State.CHECKING, now(), None


def begin(taken: Import, on_problem: OnProblem, on_duplicate: OnDuplicate) -> None:
    _must_be(taken, State.CHECKED)
    taken.on_problem, taken.on_duplicate = on_problem, on_duplicate
    taken.state, taken.began_at, taken.ended_at = State.IMPORTING, now(), None


def stop(taken: Import) -> None:
    """No further chunk is taken; what was imported stays until it is undone."""
    if taken.state == State.IMPORTING:
        taken.state, taken.ended_at = State.CANCELLED, now()
    elif taken.state == State.CHECKING:
        taken.state = State.MAPPING


def go_on(taken: Import) -> None:
    """After a stop or a failure: with the chunks that are left."""
    _must_be(taken, State.CANCELLED, State.FAILED)
    taken.state, taken.began_at, taken.ended_at, taken.problem = State.IMPORTING, now(), None, None


def begin_undo(taken: Import) -> None:
    _must_be(taken, *HAS_LEADS)
    taken.state, taken.began_at, taken.ended_at = State.UNDOING, now(), None


def throw_away(taken: Import) -> None:
    """An import that never ran, with its lines."""
    _must_be(taken, *STILL_OPEN)
    audit.note("thrown_away", taken)
    session.delete(taken)


def fail(taken: Import, problem: str) -> None:
    """A check that failed leaves the columns to be changed; an import that failed can go on or be undone."""
    taken.state = State.MAPPING if taken.state == State.CHECKING else State.FAILED
    taken.problem, taken.ended_at = problem[:500], now()


def keep_template(viewer: Viewer, name: str, mapping: Mapping) -> Template:
    """Under this name for the whole office; the same name again replaces it, when it is yours to change."""
    template = session.scalar(select(Template).where(Template.company_id == viewer.company_id, Template.name == name))
    if template is None:
        template = Template(company_id=viewer.company_id, user_id=viewer.user_id, name=name, mapping=mapping.as_json())
        taken = _("A colleague keeps a mapping under this name. Choose another name.")
        with claiming({"uq_imports_template_company_id_name": taken}):  # between the look and this, somebody did
            session.add(template)
    elif viewer.scope == Scope.OWN and template.user_id != viewer.user_id:
        raise Invalid(_("A colleague keeps a mapping under this name. Choose another name."))
    template.mapping = mapping.as_json()
    session.flush()
    return template


def _must_be(taken: Import, *states: State) -> None:
    if taken.state not in states:
        raise Invalid(_("This import has moved on in the meantime. Look at it again."))
