"""What the running product really answers: TLS, certificate, headers, redirects, forged headers, closed paths."""

import http.client
import re
import socket
import ssl
import warnings
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from ipaddress import ip_address
from urllib.parse import urlsplit

from cryptography import x509
from flask_babel import lazy_gettext as _
from sqlalchemy import text

from leadcrm.core.doctor.report import Check, Group, Outcome, fail, ok, skip, warn
from leadcrm.core.doctor.subject import Subject
from leadcrm.core.doctor.visitor import Answer, Visitor

LEAST_DAYS = 14
A_YEAR = 31_536_000
OLD_TLS = {"1.0": ssl.TLSVersion.TLSv1, "1.1": ssl.TLSVersion.TLSv1_1}
LOCAL = {"localhost", "127.0.0.1", "::1"}
WANTED = {  # header → what must stand in it
    "strict-transport-security": re.compile(r"^max-age=(\d+)"),
    "x-frame-options": re.compile(r"^DENY$"),
    "x-content-type-options": re.compile(r"^nosniff$"),
    "content-security-policy": re.compile(r"default-src 'none'.*frame-ancestors 'none'"),
    "referrer-policy": re.compile(r"^(?:same-origin|no-referrer)$"),
    "cross-origin-opener-policy": re.compile(r"^same-origin$"),
    "cross-origin-resource-policy": re.compile(r"^same-origin$"),
    "permissions-policy": re.compile(r"camera=\(\)"),
}
ASKED = (("GET", "/auth/sign-in"), ("GET", "/there/is/no/such/page"), ("POST", "/healthz"), ("GET", "/static/no.css"))
FORGED = (
    {"X-Forwarded-Proto": "http"},
    {"X_Forwarded_Proto": "http"},
    {"X-Forwarded-For": "203.0.113.7", "X-Forwarded-Host": "evil.example", "Forwarded": "for=203.0.113.7;proto=http"},
    {"X_Forwarded_For": "203.0.113.7", "X_Real_IP": "203.0.113.7"},
)
SECRET_PATHS = (
    "/.git/config", "/.git/HEAD", "/.svn/entries", "/.svn/wc.db", "/.hg/hgrc", "/.env", "/.htpasswd", "/.DS_Store",
    "/instance/keys/master-1.key", "/keys/master-1.key", "/instance/config.toml", "/config.toml",
    "/instance/database.json", "/instance/demo.json", "/wsgi.py", "/leadcrm/app.py", "/pyproject.toml", "/package.json",
    "/Makefile", "/backup.sql", "/database.sql.gz", "/dump.sql", "/app.py.bak", "/wsgi.py~", "/.wsgi.py.swp",
    "/static/../wsgi.py", "/static/%2e%2e/wsgi.py", "/static/..%2f..%2finstance/config.toml", "/static//etc/passwd",
    "/..%2f..%2fetc/passwd",
)  # fmt: skip


def answers(subject: Subject) -> Outcome:
    if subject.visitor.problem:
        remedy = _("start it with `leadcrm serve`; without it nothing that it answers can be examined")
        return warn(_("nobody answers"), remedy, f"{subject.config.base_url}: {subject.visitor.problem}")
    return ok(_("the product answers"), subject.config.base_url)


def tls(subject: Subject) -> Outcome:
    with subject.visitor.handshake(subject.visitor.trusting) as connection:
        spoken, cipher = connection.version() or "", (connection.cipher() or ("",))[0]
    old = [name for name, version in OLD_TLS.items() if _speaks(subject.visitor, version)]
    if old:
        return fail(_("TLS %(old)s is accepted", old=", ".join(old)), _("accept TLS 1.2 and 1.3 only"))
    return ok(_("%(spoken)s, certificate verified; older than TLS 1.2 is refused", spoken=spoken), cipher)


def _speaks(visitor: Visitor, version: ssl.TLSVersion) -> bool:
    """A client of twenty years ago: it takes any cipher and believes any certificate."""
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old.check_hostname = False
    old.verify_mode = ssl.CERT_NONE
    old.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # that they are old is the point
        old.minimum_version = old.maximum_version = version
    try:
        visitor.handshake(old).close()
    except OSError:
        return False
    return True


def certificate(subject: Subject) -> Outcome:
    """What is presented now, not what lies on the disk."""
    with subject.visitor.handshake(subject.visitor.trusting) as connection:
        shown = x509.load_der_x509_certificate(connection.getpeercert(binary_form=True) or b"")
    days = (shown.not_valid_after_utc - datetime.now(UTC)) / timedelta(days=1)
    found = _("for %(days)d more days", days=days)
    renew = _("renew it; the server takes the new one up by itself")
    if days < LEAST_DAYS:
        return warn(found, renew)
    if subject.config.tls_certificate is None and subject.visitor.host not in LOCAL:
        return warn(found, _("it is of the instance's own authority: browsers of strangers warn; configure one"))
    return ok(found)


def headers(subject: Subject) -> Outcome:
    """On every sort of answer, errors too."""
    given = [(subject.visitor.ask(method, path), f"{method} {path}") for method, path in ASKED]
    lacking = [lack for answer, where in given for lack in _lacking(answer, where)]
    if lacking:
        remedy = _("let no proxy remove or replace the headers of the application")
        return fail(_("%(count)d headers are missing or weak", count=len(lacking)), remedy, "; ".join(lacking[:6]))
    kinds = len(ASKED)
    return ok(_("all %(count)d present on %(kinds)d kinds of answers, errors too", count=len(WANTED), kinds=kinds))


def _lacking(answer: Answer, where: str) -> Iterator[str]:
    for name, wanted in WANTED.items():
        match = wanted.search(answer.header(name))
        if not match or (match.groups() and int(match.group(1)) < A_YEAR):
            yield f"{where}: {name}: {answer.header(name) or '-'}"


def redirect(subject: Subject) -> Outcome:
    """The plain port: pages are sent to https, what carries data is refused."""
    try:
        page, form = subject.visitor.ask_plain("GET", "/leads/?q=x"), subject.visitor.ask_plain("POST", "/auth/sign-in")
    except OSError as problem:
        closed = isinstance(problem, ConnectionRefusedError)
        said = _("nothing listens without TLS") if closed else _("the plain port does not answer")
        return ok(said) if closed else fail(said, _("let the proxy redirect port 80"), str(problem))
    to = page.header("location")
    if page.status not in (301, 308) or not to.startswith(subject.config.base_url + "/"):
        return fail(_("a page without TLS is not sent to https"), _("redirect it"), f"{page.status} {to}")
    if form.status < 400:
        return fail(_("a form sent without TLS is accepted"), _("refuse it: it has been readable"), str(form.status))
    return ok(_("pages are sent to https, forms without TLS are refused"))


def cookies(subject: Subject) -> Outcome:
    sent = subject.visitor.ask("GET", "/auth/sign-in").cookies
    bad = [each.partition("=")[0] for each in sent if not _is_safe(each)]
    if bad or not sent:
        remedy = _("let no proxy rewrite Set-Cookie")
        return fail(_("a cookie lacks its protection"), remedy, ", ".join(bad) or "none sent")
    return ok(_("__Host-, Secure, HttpOnly and SameSite on all of them"))


def _is_safe(cookie: str) -> bool:
    attributes = {part.strip().lower().partition("=")[0] for part in cookie.split(";")[1:]}
    return cookie.startswith("__Host-") and {"secure", "httponly", "samesite", "path"} <= attributes


def forged(subject: Subject) -> Outcome:
    """A stranger's forward headers change nothing: neither the scheme nor, in any spelling, the address."""
    if _is_trusted(subject, subject.visitor) and subject.visitor.port == subject.config.port:
        return skip(_("not seen: this machine is a trusted proxy itself"), _("set base_url to the proxy's address"))
    for headers in FORGED:
        answer = subject.visitor.ask("GET", "/auth/sign-in", headers)
        if answer.status != 200 or "evil.example" in answer.body:
            remedy = _("let the proxy remove these headers, underscores too (`leadcrm deploy`)")
            return fail(_("a forged header was believed"), remedy, f"{headers} → {answer.status}")
    return ok(_("%(count)d forged combinations changed nothing", count=len(FORGED)))


def _is_trusted(subject: Subject, visitor: Visitor) -> bool:
    try:
        address = ip_address(socket.gethostbyname(visitor.address))
    except (OSError, ValueError):
        return False
    return any(address in network for network in subject.config.proxy_networks)


def other_hosts(subject: Subject) -> Outcome:
    answer = subject.visitor.ask("GET", "/auth/sign-in", {"Host": "evil.example"})
    if answer.status < 400 or "evil.example" in answer.body + answer.header("location"):
        return fail(_("a foreign host name is answered"), _("name your hosts in `hosts`"), str(answer.status))
    return ok(_("names that are not ours are refused"))


def closed_paths(subject: Subject) -> Outcome:
    """`.git`, `.svn`, keys, backups: whatever lies near, none of it is an address."""
    given = [path for path in SECRET_PATHS if _status(subject, path) in range(200, 300)]
    if given:
        return fail(_("files are given away"), _("let the proxy serve nothing from the disk"), ", ".join(given))
    return ok(_("%(count)d sensitive addresses give nothing", count=len(SECRET_PATHS)))


def _status(subject: Subject, path: str) -> int:
    try:
        return subject.visitor.ask("GET", path).status
    except (OSError, http.client.HTTPException):  # cut off is refused too
        return 400


def strangers(subject: Subject) -> Outcome:
    """Every page that takes no id, without signing in."""
    if subject.app is None:
        return skip(_("not seen: the application does not start"))
    views = subject.app.view_functions
    pages = [rule.rule for rule in subject.app.url_map.iter_rules() if "GET" in (rule.methods or ()) and not
             rule.arguments and getattr(views[rule.endpoint], "permission", "public") != "public"]  # fmt: skip
    open_ones = [page for page in pages if not _is_turned_away(subject.visitor.ask("GET", page))]
    if open_ones:
        remedy = _("update leadcrm, or look into the proxy")
        return fail(_("pages open without signing in"), remedy, ", ".join(open_ones))
    return ok(_("%(count)d pages send a stranger to the sign-in page", count=len(pages)))


def _is_turned_away(answer: Answer) -> bool:
    return answer.status == 303 and urlsplit(answer.header("location")).path.startswith("/auth/")


def no_files(subject: Subject) -> Outcome:
    """The application has no folder that it serves: built assets come from memory, by name."""
    if subject.app is None:
        return skip(_("not seen: the application does not start"))
    by_path = [rule.rule for rule in subject.app.url_map.iter_rules() if "<path:" in rule.rule]
    if subject.app.static_folder or by_path:
        return fail(_("an address leads to the disk"), _("serve by name only"), ", ".join(by_path))
    return ok(_("no address leads to a folder of the disk"))


def errors_say_little(subject: Subject) -> Outcome:
    said = " ".join(subject.visitor.ask(method, path).body for method, path in ASKED)
    telling = [word for word in ("Traceback", "werkzeug", "psycopg", "sqlalchemy") if word in said]
    if telling or subject.config.testing or (subject.app is not None and subject.app.debug):
        return fail(_("errors show how the program is built"), _("switch debug and testing off"), ", ".join(telling))
    return ok(_("debug is off, error pages say nothing of the program"))


def reported(subject: Subject) -> Outcome:
    """What browsers said that the policy of our pages stopped. Anybody can send it, so it is no more than a hint."""
    with subject.as_worker() as connection:
        rows = connection.execute(text("SELECT directive, blocked, page, times FROM core_reports_since(7)")).all()
    if rows:
        remedy = _("look whether a page of ours is broken, a browser extension is at work, or somebody tries something")
        detail = "; ".join(f"{row.times} x {row.directive} ({row.blocked}) {row.page}" for row in rows[:5])
        return warn(_("browsers reported that the policy of our pages stopped something this week"), remedy, detail)
    return ok(_("no browser reported anything that the policy of our pages stopped this week"))


_web = partial(Check, group=Group.WEB, needs_answer=True)
CHECKS = (
    Check("web.answers", _("The product answers"), Group.WEB, answers, ("A2",)),
    _web("web.tls", _("TLS versions"), look=tls, clauses=("A2",)),
    _web("web.certificate", _("Certificate presented"), look=certificate, clauses=("A2",)),
    _web("web.headers", _("Security headers"), look=headers, clauses=("A15", "A16")),
    _web("web.redirect", _("Redirect to https"), look=redirect, clauses=("A16",)),
    _web("web.cookies", _("Cookies"), look=cookies, clauses=("A13",)),
    _web("web.forged", _("Forged forward headers"), look=forged, clauses=("A4",)),
    _web("web.hosts", _("Foreign host names"), look=other_hosts),
    _web("web.closed", _("Sensitive addresses"), look=closed_paths, clauses=("A5", "A10", "A17")),
    _web("web.strangers", _("Pages without signing in"), look=strangers, clauses=("A3", "A6")),
    _web("web.errors", _("Error pages"), look=errors_say_little),
    Check("web.reports", _("Reports of browsers"), Group.WEB, reported, ("A15",)),
    Check("web.files", _("Nothing served from the disk"), Group.WEB, no_files, ("A5", "A6", "A17")),
)
