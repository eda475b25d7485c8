"""What every answer and every form keeps to, shown on all of them."""

import io
import logging
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from hashlib import sha256
from typing import Any

import psycopg
import pytest
from flask import Flask
from itsdangerous import TimestampSigner
from werkzeug.http import parse_options_header

from leadcrm.auth.services import passwords, sessions
from leadcrm.core import errors
from leadcrm.core.audit import AuditLine
from leadcrm.core.db import now, session
from leadcrm.core.fields.kinds import Invalid
from leadcrm.core.fields.money import Money, Whole
from leadcrm.core.fields.text import Text, Url
from leadcrm.core.scope import Everything, viewing_as
from tests.auth.accounts import Enrolled, browser_with, enrol, give_code, give_password
from tests.doors import DOORS, Door, address, names, permission_of
from tests.foreign import Planted, plant
from tests.people import ADA, ANN, MEG, Person
from tests.world import ORIGIN, Browser, forget_what_tests_wrote, sign_in_as

ClientAs = Callable[[Person], Browser]
GETS = [door for door in DOORS if door[1] == "GET"]


@pytest.fixture(scope="module")
def planted(whole_app: Flask, admin_url: str) -> Iterator[dict[str, Planted]]:
    yield plant(whole_app, admin_url)
    forget_what_tests_wrote(admin_url)


@pytest.fixture(scope="module")
def seen(whole_app: Flask, admin_url: str, planted: dict[str, Planted]) -> list[tuple[str, Any, str]]:
    """Every page, as the first of Meg, Ann and Ada who can open it, with the token of whose session it is."""
    found = []
    opened: set[str] = set()
    for person in (MEG, ANN, ADA):
        browser = sign_in_as(whole_app, person, admin_url)
        cookie = browser.get_cookie("__Host-leadcrm", domain="localhost")
        for door in (door for door in GETS if names(door) not in opened):
            answer = browser.get(address(door, planted[ANN.name].fill(door[0], door[2])))
            opened |= {names(door)} if answer.status_code == 200 else set()
            found.append((f"{person.name}: {names(door)}", answer, cookie.value if cookie else ""))
    return found


@pytest.mark.asvs("V4.1.1")
def test_every_answer_says_what_it_is(seen: list[tuple[str, Any, str]]) -> None:
    for name, answer, _token in seen:
        if answer.data:
            kind, options = parse_options_header(answer.content_type)
            assert kind, name
            if kind.startswith("text/") or kind.endswith(("+xml", "/xml", "javascript")):
                assert options.get("charset", "").lower() == "utf-8", f"{name}: {answer.content_type}"
            if kind == "text/html":
                assert answer.text.lstrip().startswith("<"), name


@pytest.mark.asvs("V3.4.2")
def test_no_other_site_may_read_an_answer(stranger: Browser, client_as: ClientAs) -> None:
    for browser in (stranger, client_as(ANN)):
        for path in ("/", "/leads/", "/healthz", "/auth/sign-in", "/nowhere", "/static/x.js"):
            for origin in ("https://evil.example", "null", ORIGIN):
                answer = browser.open(path, method="GET", headers={"Origin": origin})
                assert not [name for name, _value in answer.headers if name.lower().startswith("access-control")]
                asked = {"Origin": origin, "Access-Control-Request-Method": "POST"}
                preflight = browser.open(path, method="OPTIONS", headers=asked)
                assert not [name for name, _value in preflight.headers if name.lower().startswith("access-control")]


@pytest.mark.asvs("V3.5.2")
@pytest.mark.parametrize("kind", ["text/plain", "application/json", "multipart/form-data; boundary=x", ""])
def test_no_content_type_gets_past_the_token(client_as: ClientAs, kind: str) -> None:
    """What a page elsewhere may send without asking first, and what it may not: the token is wanted all the same."""
    for person in (ANN, MEG):
        for path in ("/leads/new", "/auth/account", "/auth/sign-out", "/auth/step-up/passkey", "/leads/many/ask"):
            answer = client_as(person).open(path, method="POST", data=b'{"a": "=b"}', content_type=kind or None)
            assert answer.status_code in (419, 400, 403), (path, answer.status_code)


@pytest.mark.asvs("V14.2.1")
def test_no_secret_stands_in_an_address(seen: list[tuple[str, Any, str]]) -> None:
    """Neither the token of the session nor that of a form, nor a password field in a form that is sent by GET."""
    for name, answer, token in seen:
        page = answer.text if "html" in (answer.content_type or "") else ""
        addresses = re.findall(r'(?:href|src|action|hx-get|hx-post)="([^"]*)"', page)
        assert not [each for each in addresses if token in each or "csrf" in each or "password=" in each], name
        for form in re.findall(r"<form\b.*?</form>", page, re.DOTALL):
            if 'type="password"' in form or 'name="csrf_token"' in form:
                assert re.match(r'<form\b[^>]*method="post"', form, re.IGNORECASE), name


@pytest.mark.asvs("V7.4.4")
def test_every_page_has_the_way_out(seen: list[tuple[str, Any, str]]) -> None:
    pages = [(name, answer) for name, answer, _token in seen if answer.mimetype == "text/html"]
    whole = [(name, answer) for name, answer in pages if answer.status_code == 200 and "<html" in answer.text]
    inside = [
        (name, answer)
        for name, answer in whole
        if not any(part in name for part in ("/auth/s", "/auth/e", "/auth/f", "/preview"))  # what strangers see
    ]
    assert len(inside) > 30
    for name, answer in inside:
        assert 'action="/auth/sign-out"' in answer.text, name


@pytest.mark.asvs("V6.2.6", "V6.2.7")
@pytest.mark.parametrize("path", ["/auth/sign-in", "/auth/account"])
def test_password_fields_hide_and_let_managers_help(client_as: ClientAs, stranger: Browser, path: str) -> None:
    page = (stranger if path == "/auth/sign-in" else client_as(ANN)).get(path).text
    fields = re.findall(r"<input\b[^>]*password[^>]*>", page)
    assert fields
    for field in fields:
        assert 'type="password"' in field and 'autocomplete="off"' not in field
        assert re.search(r'autocomplete="(current|new)-password"', field), field
        assert "onpaste" not in field and not re.search(r'maxlength="\d{1,2}"', field)


@pytest.mark.asvs("V13.4.4")
@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "TRACK", "PROPFIND", "DEBUG"])
def test_methods_that_nobody_needs_are_not_there(client_as: ClientAs, method: str) -> None:
    for path in ("/", "/leads/", "/healthz", "/nowhere"):
        answer = client_as(ANN).open(path, method=method, headers={"X-Canary": "sings"})
        assert answer.status_code in (403, 404, 405, 419) and "sings" not in answer.text, path


@pytest.mark.asvs("V13.4.5")
def test_nothing_explains_the_inside(stranger: Browser, client_as: ClientAs) -> None:
    paths = ("/metrics", "/debug", "/openapi.json", "/swagger", "/docs", "/graphql", "/admin", "/console", "/status",
             "/server-status", "/_debug_toolbar", "/healthz/", "/actuator", "/.well-known/x")  # fmt: skip
    for browser in (stranger, client_as(ADA)):
        for path in paths:
            assert browser.get(path).status_code == 404, path


@pytest.mark.asvs("V16.5.1", "V16.3.4")
def test_an_accident_says_nothing_to_who_sees_it_and_all_to_the_log(
    app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    with app.test_request_context("/leads/new", base_url=ORIGIN), caplog.at_level(logging.ERROR):
        try:
            raise RuntimeError("SELECT secret FROM auth_secret at /srv/leadcrm/x.py")
        except RuntimeError as accident:
            answer = app.make_response(errors.unexpected(accident))
    assert answer.status_code == 500
    for word in ("SELECT", "auth_secret", "Traceback", "/srv", "RuntimeError", "werkzeug", "Python"):
        assert word not in answer.get_data(as_text=True), word
    assert "SELECT secret" in caplog.text and "Traceback" in caplog.text


@pytest.mark.asvs("V16.4.1")
def test_a_line_of_the_log_cannot_be_forged(
    client_as: ClientAs, stranger: Browser, caplog: pytest.LogCaptureFixture, admin_url: str
) -> None:
    evil = "x\r\n2026-11-21 ERROR forged \x1b[31m"
    with caplog.at_level(logging.INFO):
        client_as(ANN).get("/leads/", query_string={"q": evil})
        client_as(ANN).get("/nowhere/%0d%0aforged")
        stranger.send("/auth/sign-in", {"email": evil, "password": evil})
    assert not [record for record in caplog.records if re.search(r"[\r\n\x1b]", record.getMessage())]
    with psycopg.connect(admin_url) as admin:
        kept = admin.execute("SELECT account, user_agent FROM auth_failed_login").fetchall()
    assert kept and not [text for row in kept for text in row if re.search(r"[\r\n\x1b]", text)]


@pytest.mark.asvs("V1.1.1")
@pytest.mark.parametrize("typed", ["%41%2541", "&lt;b&gt;&amp;lt;", "\\u0041", "a+b%20c", "\u0041\u030a"])
def test_what_is_typed_is_decoded_once(client_as: ClientAs, typed: str) -> None:
    page = client_as(ANN).send("/leads/new", {"call_name": typed, "goal": "nonsense"}).text
    shown = re.search(r'name="call_name"[^>]*value="([^"]*)"', page) or re.search(
        r'value="([^"]*)"[^>]*name="call_name"', page
    )
    assert shown
    once = (
        shown[1]
        .replace("&amp;", "\0")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&#34;", '"')
        .replace("\0", "&")
    )
    assert once == typed


@pytest.mark.asvs("V1.2.2")
@pytest.mark.parametrize(
    "typed", ["javascript:alert(1)", "data:text/html,x", "vbscript:x", "//evil", "java\tscript:x", "ftp://x"]
)
def test_an_address_that_is_kept_is_one_of_the_web(typed: str) -> None:
    try:
        kept = Url(255).parse(typed)
    except Invalid:
        return
    assert kept is None or kept.startswith(("http://", "https://"))


@pytest.mark.asvs("V1.4.2", "V1.3.3")
def test_numbers_and_texts_have_their_ends() -> None:
    for typed in ("9" * 30, "-" + "9" * 30, "1e400", "9223372036854775808", "\u0669" * 40, "NaN", "inf"):
        with pytest.raises(Invalid):
            Money().parse(typed)
        with pytest.raises(Invalid):
            Whole(0, 999).parse(typed)
    with pytest.raises(Invalid):
        Text(60).parse("x" * 61)


@pytest.mark.asvs("V6.2.8", "V6.2.9")
def test_a_password_is_taken_as_it_was_typed(app: Flask, admin_url: str) -> None:
    """A hundred and twenty characters count to the last; capitals and spaces count."""
    long = "Vier groene Fietsen " * 6
    enrol(app, admin_url, ANN, password=passwords.hashed(long))
    for wrong in (long.lower(), long[:-1], long[:72], long.strip()):
        assert give_password(Browser(app), ANN.email, wrong).status_code == 422, wrong
    assert give_password(Browser(app), ANN.email, long).status_code == 303


@pytest.mark.asvs("V6.2.10")
def test_a_password_does_not_grow_old(app: Flask, admin_url: str) -> None:
    ann = enrol(app, admin_url, ANN)
    with psycopg.connect(admin_url, autocommit=True) as admin:
        admin.execute("UPDATE auth_secret SET password_set_at = now() - interval '10 years'")
    browser = Browser(app)
    assert give_password(browser, ANN.email).location == "/auth/second-factor"
    assert give_code(browser, ann.code()).location == "/"


@pytest.mark.asvs("V6.3.2", "V13.2.3")
def test_nobody_is_there_from_the_start(server: Any, admin_url: str) -> None:
    """A migrated database has a company for the platform's staff and not a single account."""
    with psycopg.connect(server.admin_url("leadcrm_template").replace("postgresql+psycopg", "postgresql")) as fresh:
        assert fresh.execute("SELECT count(*) FROM auth_user").fetchone() == (0,)
        assert fresh.execute("SELECT count(*) FROM auth_secret").fetchone() == (0,)


@pytest.mark.asvs("V7.2.3", "V7.2.2")
def test_tokens_of_sessions_are_long_and_unlike(app: Flask, enrolled: Enrolled) -> None:
    made = [
        sessions.new_token() if hasattr(sessions, "new_token") else _token_of_a_sign_in(app) for _number in range(20)
    ]
    assert len(set(made)) == 20 and min(map(len, made)) >= 43


def _token_of_a_sign_in(app: Flask) -> str:
    browser = Browser(app)
    give_password(browser, ANN.email)
    cookie = browser.get_cookie("__Host-leadcrm", domain="localhost")
    return cookie.value if cookie else ""


@pytest.mark.asvs("V9.1.1", "V9.1.2", "V9.2.1")
def test_a_signed_cookie_is_ours_fresh_and_of_one_algorithm(app: Flask) -> None:
    """The only self-contained token: the cookie of a form. It names no algorithm, so nobody can choose another."""
    browser = Browser(app)
    browser.get("/auth/sign-in")
    browser.csrf_token()
    cookie = browser.get_cookie("__Host-leadcrm-form", domain="localhost")
    assert cookie is not None
    body, stamp, signature = cookie.value.rsplit(".", 2)
    for forged in (
        f"{body}.{stamp}.{signature[:-2]}AA",
        f"{body}.{stamp}.",
        body,
        f"{body}x.{stamp}.{signature}",
        f"{body}.{stamp}",
    ):
        assert _read(app, forged) == {}, forged
    assert _read(app, cookie.value)
    old = _stamped(app, now() - timedelta(days=40), body)
    assert _read(app, old) == {}


def _read(app: Flask, value: str) -> dict[str, Any]:
    browser = Browser(app)
    browser.set_cookie("__Host-leadcrm-form", value, domain="localhost", secure=True)
    with browser.session_transaction(base_url=ORIGIN) as found:
        return dict(found)


def _stamped(app: Flask, moment: Any, body: str) -> str:
    serializer: Any = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    signer = serializer.make_signer(serializer.salt)

    class Earlier(TimestampSigner):
        def get_timestamp(self) -> int:
            return int(moment.timestamp())

    signer.__class__ = Earlier
    return str(signer.sign(body).decode())


@pytest.mark.asvs("V9.2.2")
def test_a_token_of_one_sort_is_nothing_elsewhere(app: Flask, admin_url: str) -> None:
    """A form's token or a cookie of another sort opens no session; a session's token is no link."""
    browser = sign_in_as(app, ANN, admin_url)
    cookie = browser.get_cookie("__Host-leadcrm", domain="localhost")
    form_token = browser.csrf_token()
    signed = browser.get_cookie("__Host-leadcrm-form", domain="localhost")
    assert cookie is not None and signed is not None
    for other in (form_token, signed.value, sha256(cookie.value.encode()).hexdigest()):
        assert browser_with(app, other).get("/leads/").status_code == 303
    assert Browser(app).get(f"/auth/set-password/{cookie.value}").status_code == 404


@pytest.mark.asvs("V5.4.1", "V5.4.2", "V5.3.1", "V1.3.4")
@pytest.mark.parametrize(
    "name", ["../../x.csv", 'a".csv', "a\r\nX: y.csv", "\u202egnp.csv", "a" * 300 + ".csv", "x.php.csv", "..\\x.csv"]
)
def test_the_name_of_a_file_is_text_and_no_place(client_as: ClientAs, name: str) -> None:
    ann = client_as(ANN)
    content = io.BytesIO(b"a;b\n1;2\n3;4\n")
    answer = ann.send("/leads/import", {"file": (content, name)}, content_type="multipart/form-data")
    assert answer.status_code in (303, 422)
    if answer.status_code == 303:
        back = ann.get(answer.location.removesuffix("/columns") + "/not-imported")
        shown = back.headers.get("Content-Disposition", "attachment")
        assert shown.startswith("attachment") and not re.search(r"[\r\n\x00]", shown)
        assert "/" not in re.sub(r"filename\*=UTF-8''", "", shown).replace("attachment", "")


NO_TABLES = [
    b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>",
    b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>",
    b"MZ\x90\x00",
    b"%PDF-1.7",
    b"PK\x03\x04nonsense",
    b"\x89PNG\r\n",
]


@pytest.mark.asvs("V5.2.2", "V1.3.4", "V1.5.1")
@pytest.mark.parametrize("content", NO_TABLES)
def test_what_is_no_table_is_not_taken(client_as: ClientAs, content: bytes) -> None:
    for ending in ("csv", "xlsx"):
        file = (io.BytesIO(content), f"leads.{ending}")
        answer = client_as(ANN).send("/leads/import", {"file": file}, content_type="multipart/form-data")
        assert answer.status_code == 422 and "root:" not in answer.text, ending


@pytest.mark.asvs("V16.2.1", "V16.2.2", "V16.2.4")
def test_a_line_of_the_trail_says_when_where_who_and_what(
    app: Flask, client_as: ClientAs, worker_app: Flask, planted: dict[str, Planted]
) -> None:
    client_as(MEG).send("/leads/sources/supplier/new", {"name": "Een leverancier", "active": "yes"})
    client_as(ADA).send("/admin/companies/new", {"name": "Een kantoor", "totp_required": "yes"})
    with worker_app.app_context(), viewing_as(Everything("a test reads the trail")):
        found = session.query(AuditLine).all()
        assert found
        for line in found:
            assert line.at.utcoffset() == timedelta(0) and line.action and line.subject
            assert '"at":"' in line.body and '"action":"' in line.body and '"as":"' in line.body
            assert re.search(r'"at":"[0-9T:.-]+\+00:00"', line.body)


@pytest.mark.asvs("V14.3.1")
def test_signing_out_clears_the_browser(client_as: ClientAs) -> None:
    answer = client_as(ANN).send("/auth/sign-out")
    assert '"cache"' in answer.headers["Clear-Site-Data"] and '"storage"' in answer.headers["Clear-Site-Data"]


@pytest.mark.asvs("V8.3.1", "V2.2.2")
def test_nothing_depends_on_what_the_browser_hides(client_as: ClientAs, whole_app: Flask) -> None:
    """A button that is not shown does not work either, whatever headers htmx would have sent."""
    for door in [door for door in DOORS if door[1] == "POST"]:
        if permission_of(whole_app, door[0]).startswith(("admin.", "leads.assign", "leads.delete")):
            answer = _as_htmx(client_as(ANN), door)
            assert answer.status_code in (403, 404), names(door)


def _as_htmx(browser: Browser, door: Door) -> Any:
    headers = {"Origin": ORIGIN, "Sec-Fetch-Site": "same-origin", "HX-Request": "true", "HX-Request-Type": "partial"}
    return browser.post(address(door), data={"csrf_token": browser.csrf_token()}, headers=headers)
