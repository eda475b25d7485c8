"""What every answer carries and every request must pass: HTTPS, host, headers, nonce, CSRF, body limits."""

from io import BytesIO
from secrets import token_urlsafe
from typing import IO, Any, cast

from flask import Flask, Request, Response, abort, current_app, g, redirect, request, session
from flask.sessions import SecureCookieSessionInterface
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFProtect, generate_csrf
from itsdangerous import URLSafeTimedSerializer
from werkzeug.datastructures import FileStorage, ImmutableMultiDict, MultiDict

from leadcrm.core import headers
from leadcrm.core.bodies import FewBodies, carries_a_body
from leadcrm.core.config import Config, current_config
from leadcrm.core.crypto import keyring
from leadcrm.core.headers import OnEveryAnswer
from leadcrm.core.kept import Kept
from leadcrm.core.proxy import TrustedProxies
from leadcrm.core.streamed import MULTIPART, StreamedForm
from leadcrm.core.web import gates_before_the_body

LARGEST_FORM = 1_000_000  # bytes; the longest form of a household is some twenty thousand
MOST_FILES = 20  # of the largest size, in one form whose files stream through
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
MOST_FIELDS = 5_000
MOST_TOKENS = 10_000  # of sessions, whose signed token is kept
LONGEST_QUERY = 16_384  # bytes
MOST_PARAMETERS = 500


class CrmRequest(Request):
    """Uploads stay in memory (they are limited), or stream; no client's file ever lies on the disk in clear."""

    streamed: StreamedForm | None = None

    def _load_form_data(self) -> None:
        """Of a form that streams only what stands before its files."""
        view = current_app.view_functions.get(self.endpoint or "")
        if "form" in self.__dict__ or self.mimetype != MULTIPART or not getattr(view, "streams", False):
            super()._load_form_data()
            return
        self.streamed = StreamedForm(self)
        self.__dict__["form"] = ImmutableMultiDict(self.streamed.fields)
        self.__dict__["files"] = ImmutableMultiDict[str, FileStorage]()

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        return BytesIO()


def limit_body() -> None:
    """A form is small; only a route that declares uploads reads more, before anything of the body is looked at."""
    view = current_app.view_functions.get(request.endpoint or "")
    if getattr(view, "streams", False):
        request.max_content_length = MOST_FILES * current_config().max_file_mb * 1024 * 1024
    elif not getattr(view, "uploads", False):
        request.max_content_length = LARGEST_FORM


def over_https_only() -> ResponseReturnValue | None:
    """A page asked for in clear is asked for again over TLS; anything that carries data is refused."""
    if request.is_secure:
        return None
    if request.method not in ("GET", "HEAD"):
        abort(403)
    base: str = request.environ["leadcrm.base_url"]
    return redirect(base + request.full_path.rstrip("?"), 301)


def from_our_own_pages() -> None:
    """Beside the CSRF token: what the browser itself says about where a changing request comes from."""
    view = current_app.view_functions.get(request.endpoint or "")
    if request.method in SAFE_METHODS or getattr(view, "from_elsewhere", False):
        return
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if site not in (None, "same-origin", "none"):
        abort(403)
    if origin is not None and origin != request.host_url.rstrip("/"):
        abort(403)


def query_is_clear() -> None:
    """Bounded, and nothing in it twice: the second of two values is how one check is shown another thing."""
    if len(request.query_string) > LONGEST_QUERY:
        abort(414)
    if len(request.args) > MOST_PARAMETERS or _given_twice(request.args):
        abort(400)


def form_is_clear() -> None:
    """The same of what was sent. Fields of which there may be several are declared with the blueprint."""
    view = current_app.view_functions.get(request.endpoint or "")
    if view is None or not carries_a_body(request.environ):
        return
    if len(request.form) > MOST_FIELDS:
        abort(413)
    if any(len(files) > 1 for _name, files in request.files.lists()):
        abort(400)
    if _given_twice(request.form) and not getattr(view, "passes_on", False):
        abort(400)


def _given_twice(given: MultiDict[str, str]) -> bool:
    declared: frozenset[str] = getattr(current_app.blueprints.get(request.blueprint or ""), "several", frozenset())
    return any(len(values) > 1 and name not in declared for name, values in given.lists())


class BaseUrl:
    """Hands the configured address to the HTTPS gate, which must never trust the Host header."""

    def __init__(self, application: Any, base_url: str):
        self.application, self.base_url = application, base_url

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        environ["leadcrm.base_url"] = self.base_url
        return self.application(environ, start_response)


def csp_nonce() -> str:
    """With which a script of this answer says that it is ours; made when the page first writes one."""
    if "csp_nonce" not in g:
        g.csp_nonce = token_urlsafe(24)
    return cast(str, g.csp_nonce)


def policy_of_pages(response: Response) -> Response:
    """What a page may load and run. What a view shows that is no page of ours, such as a client's file, may do less:
    `g.content_policy`.

    `g.framed_by`: the sites in whose pages this one page may stand. Every other page stands in nobody's.
    """
    policy = g.get("content_policy") or headers.policy_with(g.get("csp_nonce"))
    if g.get("framed_by"):
        policy = policy.replace("frame-ancestors 'none'", f"frame-ancestors {' '.join(g.framed_by)}")
        request.environ[headers.FRAMED] = True  # X-Frame-Options knows no list of sites; the policy decides
    response.headers["Content-Security-Policy"] = policy
    return response


class Sessions(SecureCookieSessionInterface):
    """Flask's own, with one serializer for all: a new one for every request costs as much as what it reads."""

    _serializer: URLSafeTimedSerializer | None = None

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        self._serializer = self._serializer or super().get_signing_serializer(app)
        return self._serializer


def csrf_token() -> str:
    """The token of this browser's session, signed once: it lives as long as that session does, see configure()."""
    kept: Kept = current_app.extensions["tokens"]
    token: str | None = kept.get(session.get("csrf_token"))
    if token is None:
        token = generate_csrf()
        kept.keep(session["csrf_token"], token)
    return token


class OnlyOurPages(CSRFProtect):  # type: ignore[misc]  # flask-wtf has no types
    """Asks no token of what programs and other people's pages send."""

    def protect(self, *arguments: Any, **options: Any) -> None:
        if not getattr(current_app.view_functions.get(request.endpoint or ""), "from_elsewhere", False):
            super().protect(*arguments, **options)


def configure(app: Flask, config: Config) -> None:
    app.request_class = CrmRequest
    app.session_interface = Sessions()
    app.config.update(
        SECRET_KEY=keyring().derived("form session"),
        SESSION_COOKIE_NAME="__Host-leadcrm-form",
        SESSION_COOKIE_SECURE=True,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH="/",
        SESSION_REFRESH_EACH_REQUEST=False,
        TRUSTED_HOSTS=list(config.hosts),
        MAX_CONTENT_LENGTH=config.max_upload_mb * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=LARGEST_FORM,
        MAX_FORM_PARTS=5_000,
        # The token lives as long as the browser session: a form filled during a long call must not be lost.
        # Its Referer check is replaced by from_our_own_pages(), which needs no header that privacy tools strip.
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=False,
    )


def start(app: Flask, config: Config) -> None:
    configure(app, config)
    app.after_request(policy_of_pages)
    app.jinja_env.globals["csp_nonce"] = csp_nonce
    app.before_request(limit_body)
    app.before_request(over_https_only)
    app.before_request(from_our_own_pages)
    app.before_request(query_is_clear)
    app.before_request(gates_before_the_body)
    app.before_request(form_is_clear)
    app.extensions["csrf_protection"] = OnlyOurPages(app)
    app.extensions["tokens"] = Kept(MOST_TOKENS)
    app.jinja_env.globals["csrf_token"] = csrf_token
    settled = TrustedProxies(FewBodies(app.wsgi_app), config.proxy_networks, config.trusts_socket)
    app.wsgi_app = OnEveryAnswer(  # type: ignore[method-assign]
        BaseUrl(settled, config.base_url), config.hsts_subdomains, catches=not config.testing
    )
