"""Requests: who may open what, as whom it runs, and how a page is shown.

Every route of every plugin goes through guarded(); there is no other way to add one.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from functools import wraps
from operator import attrgetter
from typing import Any, cast
from urllib.parse import urlencode

from flask import (
    Blueprint,
    Flask,
    Response,
    abort,
    current_app,
    g,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_login import current_user

from leadcrm.core.db import close_session, now, session
from leadcrm.core.fields.language import current_language
from leadcrm.core.i18n import remember_language
from leadcrm.core.kept import Kept
from leadcrm.core.scope import Viewer, viewing_as

SIGN_IN = "auth.sign_in"
STEP_UP_LASTS = timedelta(minutes=5)
MOST_NAVIGATIONS = 500  # sets of rights whose navigation is kept


class CrmApp(Flask):
    """Flask, without looking two dozen times a request whether something is a coroutine: nothing here is."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        return func


class Access(StrEnum):
    """For routes that need no permission of a plugin's own."""

    PUBLIC = "public"
    SIGNED_IN = "signed in"


View = Callable[..., ResponseReturnValue]


class NotAdmitted(Exception):
    """A gate does not let this person in. What it raises besides this becomes the answer as it stands."""


def pass_gates() -> None:
    """Every gate of every plugin sees whoever holds a session, half or full, before anything of the body is read.

    Whom one does not admit is a stranger to everything after it; the session itself lives on, elsewhere.
    """
    holder = current_user._get_current_object()
    if not isinstance(holder, Viewer) or g.get("admitted") is holder:
        return
    try:
        for gate in (gate for plugin in current_app.extensions["plugins"].values() for gate in plugin.gates):
            gate(holder)
    except NotAdmitted:
        close_session()  # its transaction knows who was looking, and noted that they were seen
        current_app.login_manager._update_request_context_with_user()  # type: ignore[attr-defined]  # as nobody
    g.admitted = holder


def gates_before_the_body() -> None:
    """Pages only: a style sheet belongs to nobody."""
    if hasattr(current_app.view_functions.get(request.endpoint or ""), "step_up"):  # a guarded view
        pass_gates()


def who_is_looking() -> Viewer | None:
    """The signed-in person, read from the database once a request."""
    pass_gates()
    viewer = current_user._get_current_object() if current_user.is_authenticated else None
    g.viewer = viewer
    remember_language()
    return viewer


def has_stepped_up(viewer: Viewer) -> bool:
    """Whether who holds this session has proved it just now: with a second factor, never with a recovery code."""
    return viewer.stepped_up_at is not None and now() - viewer.stepped_up_at < STEP_UP_LASTS


def to_step_up() -> ResponseReturnValue:
    """A page that asks for the second factor and goes on with this request (auth brings it); else it stays closed."""
    ask: Callable[[], ResponseReturnValue] | None = current_app.extensions.get("step_up")
    return ask() if ask else abort(403)


def refuse_change(viewer: Viewer, permission: StrEnum, harmless: bool) -> None:
    """Who may only look is told so here, and not by the walls behind. Their own account stays theirs."""
    if viewer.read_only and request.method not in ("GET", "HEAD") and not (harmless or permission == Access.SIGNED_IN):
        abort(403)


def guarded(view: View, permission: StrEnum, step_up: bool = False, harmless: bool = False) -> View:
    """The view, run as the signed-in person and committed at its end."""

    @wraps(view)
    def guarded_view(**arguments: Any) -> Response:
        viewer = who_is_looking()
        if permission != Access.PUBLIC:
            if viewer is None:
                return to_sign_in()
            if permission != Access.SIGNED_IN and not viewer.can(permission):
                abort(403)
            refuse_change(viewer, permission, harmless)
        with viewing_as(viewer):
            session.info["told"] = viewer  # the database already knows: the opener of the session told it
            if step_up and not (viewer and has_stepped_up(viewer)):
                return run(to_step_up, {})
            return run(view, arguments)

    guarded_view.permission = permission  # type: ignore[attr-defined]  # read by tests, navigation and `leadcrm plugins`
    guarded_view.step_up = step_up  # type: ignore[attr-defined]  # read by tests
    return guarded_view


def run(view: View, arguments: dict[str, Any]) -> Response:
    """The one place where a request commits: below 400 it is kept, from 400 on nothing is."""
    response = make_response(view(**arguments))
    if response.status_code < 400:
        session.commit()
    else:
        session.rollback()
    return response


def to_sign_in() -> Response:
    """To the sign-in page, and back here afterwards; htmx is told to leave the page.

    Whoever sent something they typed stays with it: a session may end while a form is filled in during a long call.
    """
    if set(request.form) - {"csrf_token"}:
        abort(401)
    back = request.full_path.rstrip("?") if request.method == "GET" and not wants_fragment() else ""
    address = url_for(SIGN_IN) + (f"?{urlencode({'next': back})}" if back and back != "/" else "")
    if "HX-Request" in request.headers:
        return make_response("", 200, {"HX-Redirect": address})
    return make_response(redirect(address, 303))


class PluginBlueprint(Blueprint):
    """A blueprint whose routes each say who may open them."""

    def __init__(self, name: str, import_name: str, url_prefix: str | None = None, several: Iterable[str] = ()):
        """`several`: the parameters of its routes that may be given more than once; any other twice is refused."""
        self.several = frozenset(several)
        super().__init__(name, import_name, url_prefix=url_prefix or f"/{name}", template_folder="templates")

    def add_url_rule(  # type: ignore[override]  # permission is required here and unknown to Flask
        self,
        rule: str,
        endpoint: str | None = None,
        view_func: View | None = None,
        *,
        permission: StrEnum | None = None,
        uploads: bool = False,
        streams: bool = False,
        step_up: bool = False,
        passes_on: bool = False,
        harmless: bool = False,
        from_elsewhere: bool = False,
        **options: Any,
    ) -> None:
        """`uploads`: files come in here, so the body may be as large as the configuration allows.

        `streams`: large bodies, which the view reads piece by piece: of a form with files, by streamed.sent_files().

        `step_up`: only for who proved a second factor within five minutes; asked for it, they go on with what they
        sent, but for files and fields with `password` in their name. Guard the page of such a form as well.

        `harmless`: a form that changes no data, so open to who may only look.

        `passes_on`: fields of another route come by here, which refuses by itself what it takes once only.

        `from_elsewhere`: sent by programs and other people's pages, which hold no token of ours. Only for what
        is public and needs no session: the view asks for a key, or for a token of its own.
        """
        if permission is None or view_func is None or (step_up and permission == Access.PUBLIC):
            raise TypeError(f"{self.name}: who may open {rule!r}? Pass permission=, and not PUBLIC with step_up")
        if from_elsewhere and permission != Access.PUBLIC:
            raise TypeError(f"{self.name}: {rule!r} acts for whoever is signed in, so it needs their token")
        view = guarded(view_func, permission, step_up, harmless)
        view.uploads = uploads  # type: ignore[attr-defined]  # read by security.limit_body()
        view.streams = streams  # type: ignore[attr-defined]  # read by security.limit_body()
        view.passes_on = passes_on  # type: ignore[attr-defined]  # read by security.form_is_clear()
        view.from_elsewhere = from_elsewhere  # type: ignore[attr-defined]  # read by security
        super().add_url_rule(rule, endpoint or view_func.__name__, view, **options)


class Reach:
    """What this viewer may open, and where it is. A page asks some thirty times, so what it takes is found once."""

    def __init__(self, viewer: Viewer | None):
        self.viewer = viewer
        self._views = current_app.view_functions
        self._addresses: dict[str, str] = current_app.extensions["addresses of pages"][request.script_root]

    def may_open(self, endpoint: str) -> bool:
        permission, viewer = getattr(self._views[endpoint], "permission", None), self.viewer
        if viewer is None or permission is None:
            return False
        return permission == Access.SIGNED_IN or viewer.can(permission)

    def url_if(self, endpoint: str) -> str:
        return self.address_of(endpoint) if endpoint in self._views and self.may_open(endpoint) else ""

    def address_of(self, endpoint: str) -> str:
        known = self._addresses.get(endpoint)
        if known is None:
            known = self._addresses[endpoint] = url_for(endpoint)
        return known


def reach() -> Reach:
    """Of who looks now: somebody else after signing in."""
    here = g._get_current_object()
    viewer, known = here.get("viewer"), here.get("reach")
    if known is None or known.viewer is not viewer:
        known = here.reach = Reach(viewer)
    return cast(Reach, known)


def may_open(endpoint: str) -> bool:
    return reach().may_open(endpoint)


def url_if(endpoint: str) -> str:
    """The address of a page that another plugin may or may not bring; empty when this viewer may not open it."""
    return reach().url_if(endpoint)


def address_of(endpoint: str) -> str:
    """url_for() of a page that needs nothing else; worked out once, since every page names a dozen."""
    return reach().address_of(endpoint)


def wants_fragment() -> bool:
    """htmx asks for a part of the page; its history restore and boosted links want the whole page."""
    return request.headers.get("HX-Request-Type") == "partial"


def render(page: str, fragment: str | None = None, **values: Any) -> str:
    """The whole page; or, when htmx asks for a part, only the fragment of it that changes."""
    return render_template(fragment if fragment and wants_fragment() else page, **values)


def panels_of(page: str) -> list[Any]:
    """The panels that plugins add to a page, as far as the viewer may open them."""
    installed = current_app.extensions["plugins"].values()
    panels = [
        panel for plugin in installed for panel in plugin.panels if panel.page == page and may_open(panel.endpoint)
    ]
    return sorted(panels, key=lambda panel: panel.order)


def banners() -> list[str]:
    """Templates of plugins that stand on top of every page; each says by itself whether there is something to say."""
    return [banner for plugin in current_app.extensions["plugins"].values() for banner in plugin.banners]


@dataclass(frozen=True)
class NavShown:
    """An entry of the navigation as a page shows it, or a line below one; `active` where we are."""

    label: str
    icon: str
    endpoint: str
    url: str
    active: bool = False
    count: int = 0
    key: str = ""


def nav_items() -> tuple[NavShown, ...]:
    """The main navigation of this viewer."""
    shown = [replace(item, count=count()) if count else item for item, count in _navigation()]
    around = [item.url for item in shown if f"{request.path}/".startswith(item.url.rstrip("/") + "/")]
    here = max(around, key=len, default=None)  # the nearest: /leads/import, not /leads/
    return tuple(replace(item, active=True) if item.url == here else item for item in shown)


def _navigation() -> tuple[tuple[NavShown, Callable[[], int] | None], ...]:
    """What this viewer may open, in order, each with what counts how much waits there. Kept for these rights."""
    kept: Kept = current_app.extensions["navigation"]
    viewer = g.get("viewer")
    key = (viewer and viewer.permissions, current_language(), request.script_root)
    known: tuple[Any, ...] | None = kept.get(key)
    return kept.keep(key, tuple(_may_be_opened())) if known is None else known


def _may_be_opened() -> Iterator[tuple[NavShown, Callable[[], int] | None]]:
    installed = current_app.extensions["plugins"].values()
    items = [item for plugin in installed for item in plugin.nav if may_open(item.endpoint)]
    for item in sorted(items, key=attrgetter("order")):
        url = address_of(item.endpoint)
        yield NavShown(str(item.label), item.icon, item.endpoint, url, key=item.key), item.count


def nav_views() -> list[NavShown]:
    """What this viewer has at hand below the entry of an endpoint. It differs from person to person, so it is a hole
    of the frame (core/_frame.html), which is drawn once for everybody."""
    brought = (plugin.nav_views for plugin in current_app.extensions["plugins"].values() if plugin.nav_views)
    return [view for views in brought for view in views() if may_open(view.endpoint)]


def chosen_here(name: str) -> str:
    """What this browser keeps of how pages look; empty when nothing."""
    return request.cookies.get(f"__Host-leadcrm-{name}", "")


def theme() -> str:
    """light, dark or auto: the signed-in person's own, else what this browser chose."""
    viewer = g.get("viewer")
    chosen = getattr(viewer, "theme", None) or chosen_here("theme")
    return chosen if chosen in ("light", "dark", "auto") else "auto"


core = PluginBlueprint("core", __name__, url_prefix="/")


@core.get("/healthz", permission=Access.PUBLIC)
def healthz() -> ResponseReturnValue:
    """Up, and nothing of use to an attacker."""
    return "ok\n", 200, {"Content-Type": "text/plain; charset=utf-8", "Cache-Control": "no-store"}


@core.get("/", permission=Access.SIGNED_IN)
def home() -> ResponseReturnValue:
    """The first page of the navigation that this person may open."""
    items = nav_items()
    return redirect(items[0].url if items else url_for("auth.account"), 303)


def start(app: Flask) -> None:
    app.register_blueprint(core)
    app.extensions["addresses of pages"] = defaultdict(dict)  # of where the application stands
    app.extensions["navigation"] = Kept(MOST_NAVIGATIONS)
    app.jinja_env.globals.update(
        url_if=url_if,
        panels_of=panels_of,
        banners=banners,
        nav_items=nav_items,
        nav_views=nav_views,
        may_open=may_open,
        theme=theme,
        wants_fragment=wants_fragment,
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
