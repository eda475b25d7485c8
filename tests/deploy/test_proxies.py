"""The generated configurations, in the real servers, before the real product."""

import base64
import re
import socket
import ssl
import time
import warnings
from pathlib import Path

import psycopg
import pytest

from leadcrm.core.assets import DIST
from leadcrm.core.postgres import Embedded
from leadcrm.core.postgres.urls import conninfo
from leadcrm.deploy.services.site import TELLING
from tests.deploy.conftest import FAST, WALL, Site
from tests.deploy.knocking import COMES_FROM, HOST, Answer, Client
from tests.deploy.proxies import Proxy
from tests.deploy.sensitive import CANARY, paths
from tests.patience import within

pytestmark = pytest.mark.attack  # against real servers, and slow

PAGE = "/auth/sign-in"
ONCE = (
    "Strict-Transport-Security", "X-Frame-Options", "X-Content-Type-Options", "Referrer-Policy", "Permissions-Policy",
    "Content-Security-Policy", "Cross-Origin-Opener-Policy", "Cross-Origin-Resource-Policy",
    "Cross-Origin-Embedder-Policy", "X-Permitted-Cross-Domain-Policies", "Cache-Control",
)  # fmt: skip
STYLE = next(file.name for file in sorted(DIST.glob("app.*.css")))


def test_there_are_enough_sensitive_paths() -> None:
    assert len(paths()) >= 400


@pytest.mark.asvs("V13.4.1", "V13.4.3")
def test_no_sensitive_path_gives_anything(client: Client) -> None:
    """Files that really lie there, in the folder of the styles and beside it."""
    answers = {path: client.ask("GET", path) for path in paths()}
    assert [path for path, answer in answers.items() if answer.status in range(200, 300)] == []
    assert [path for path, answer in answers.items() if CANARY.encode() in answer.body] == []
    assert [path for path, answer in answers.items() if answer.status >= 500] == []
    assert not (answers["/.git/config"].status in range(300, 400) or answers["/static/.env"].status in range(300, 400))


def test_the_application_and_its_styles_are_there(client: Client) -> None:
    page = client.ask("GET", PAGE)
    assert page.status == 200 and b"csrf_token" in page.body
    style = client.ask("GET", f"/static/{STYLE}")
    assert (style.status, style.body) == (200, (DIST / STYLE).read_bytes())
    assert style.headers["Content-Type"].startswith("text/css")
    assert "immutable" in style.headers["Cache-Control"]
    assert client.ask("GET", "/leads/").status == 303
    assert client.ask("GET", "/healthz").body == b"ok\n"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", PAGE, 200), ("GET", "/leads/", 303), ("GET", "/auth/none", 404), ("GET", "/nowhere", 404),
        ("GET", "/.git/config", 404), ("GET", f"/static/{STYLE}", 200), ("GET", "/static/none.css", 404),
        ("PUT", PAGE, 405), ("TRACE", "/", 405), ("POST", PAGE, 419), ("GET", "/" + "a" * 70_000, 414),
    ],
)  # fmt: skip
def test_every_answer_has_every_header_once(client: Client, method: str, path: str, status: int) -> None:
    answer = client.ask(method, path)
    # Too long a line is refused by each in its own way.
    assert answer.status == status or (status == 414 and answer.status in (0, 400, 414, 431))
    if answer.status in (0, 400, 414, 431):
        return
    assert {name: len(answer.all(name)) for name in ONCE} == dict.fromkeys(ONCE, 1)
    assert "includeSubDomains" in answer.headers["Strict-Transport-Security"]
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    told = answer.headers.get("Server", "")
    assert not re.search(r"\d", told) and "granian" not in told.lower()
    assert "X-Powered-By" not in answer.headers and "Via" not in answer.headers


def test_a_page_keeps_its_nonce(client: Client) -> None:
    page = client.ask("GET", PAGE)
    nonce = re.search(r"'nonce-([^']+)'", page.headers["Content-Security-Policy"])
    assert nonce and f'nonce="{nonce.group(1)}"'.encode() in page.body


def test_a_proxy_without_its_product_has_the_headers_too(site: Site, proxy: Proxy) -> None:
    """The product away: the page is the proxy's own."""
    alone = site.proxy(proxy.kind, f"{proxy.kind}-alone", "--upstream", "127.0.0.1:1", *FAST)
    answer = site.client(alone).ask("GET", PAGE)
    assert answer.status in (502, 503)
    assert {name: len(answer.all(name)) for name in ONCE} == dict.fromkeys(ONCE, 1)
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_page_without_tls_is_sent_to_https(proxy: Proxy, method: str) -> None:
    answer = Client(proxy.http_port, None).ask(method, "/leads/?q=a%20b")
    assert (answer.status, answer.headers["Location"]) == (301, f"https://{HOST}:{proxy.https_port}/leads/?q=a%20b")


@pytest.mark.asvs("V12.2.1", "V4.1.2")
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
def test_what_carries_data_without_tls_is_refused(proxy: Proxy, method: str) -> None:
    answer = Client(proxy.http_port, None).ask(method, PAGE, body=b"email=ann" if method == "POST" else b"")
    assert answer.status in (403, 405) and "Location" not in answer.headers


ELSEWHERE = ("//evil.example/", "/\\evil.example", "/@evil.example", "/%0d%0aLocation:%20x", "/.evil.example")


def test_the_redirect_leads_nowhere_else(proxy: Proxy) -> None:
    for path in ELSEWHERE:
        answer = Client(proxy.http_port, None).ask("GET", path)
        location = answer.headers.get("Location", "")
        assert answer.status in (0, 301, 400, 404), path
        assert not location or location.startswith(f"https://{HOST}:{proxy.https_port}/"), path
        assert len(answer.all("Location")) <= 1, path


@pytest.mark.parametrize("plain", [True, False])
def test_a_foreign_name_is_refused(site: Site, proxy: Proxy, plain: bool) -> None:
    port, authority = (proxy.http_port, None) if plain else (proxy.https_port, site.authority)
    answer = Client(port, authority, host="evil.example").ask("GET", PAGE)
    assert answer.status in (0, 400, 403, 421) and "Location" not in answer.headers and b"csrf" not in answer.body


@pytest.mark.asvs("V12.1.1")
def test_old_tls_is_refused(site: Site, proxy: Proxy) -> None:
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        assert speaks(site, proxy, version)
    for version in (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1):
        assert not speaks(site, proxy, version)


def speaks(site: Site, proxy: Proxy, version: ssl.TLSVersion) -> bool:
    context = ssl.create_default_context(cafile=site.authority)
    context.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # that they are old is the point
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = version
        context.minimum_version = version
    raw = socket.create_connection(("127.0.0.1", proxy.https_port), timeout=30)
    try:
        with raw, context.wrap_socket(raw, server_hostname=HOST) as spoken:
            return spoken.version() is not None
    except OSError:
        return False


# ── who the client is ──

SPELLINGS = ("X-Forwarded-For", "X_Forwarded_For", "X-Forwarded_For", "X_Forwarded-For", "x_forwarded_for",
             "X-FORWARDED-FOR", "Forwarded", "X-Real-IP", "X_Real_IP")  # fmt: skip
CLAIMS = ("203.0.113.9", "127.0.0.1", "203.0.113.9, 127.0.0.1", "::1", "unknown", "203.0.113.9:1234", "for=203.0.113.9")


def failed_logins(site: Site) -> list[str]:
    """The addresses that the product wrote down, newest last."""
    with psycopg.connect(conninfo(Embedded(site.folder / "instance").admin_url("leadcrm"))) as admin:
        return [row[0] for row in admin.execute("SELECT address FROM auth_failed_login ORDER BY at")]


def try_to_sign_in(client: Client, headers: dict[str, str]) -> Answer:
    page = client.ask("GET", PAGE)
    token = re.search(rb'name="csrf_token" value="([^"]+)"', page.body)
    assert token
    cookie = "; ".join(each.partition(";")[0] for each in page.all("Set-Cookie"))
    form = b"csrf_token=" + token.group(1) + b"&email=nobody%40example.org&password=wrong-password"
    origin = f"https://{HOST}:{client.port}"
    sent = {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded", "Origin": origin}
    return client.ask("POST", PAGE, sent | headers, form)


@pytest.mark.asvs("V4.1.3", "V15.3.4")
def test_a_client_cannot_say_where_it_comes_from(site: Site, client: Client) -> None:
    """Seen where it counts: in the product's list of failed logins."""
    before = len(failed_logins(site))
    for number, spelling in enumerate(SPELLINGS):
        answer = try_to_sign_in(client, {spelling: CLAIMS[number % len(CLAIMS)]})
        assert answer.status in (200, 422, 429), spelling
    assert set(failed_logins(site)[before:]) == {COMES_FROM}


def test_nothing_that_a_client_says_reaches_the_product(client: Client) -> None:
    """The scheme, the host and the address of a request are the proxy's to tell."""
    usual = client.ask("GET", PAGE)
    names = [*SPELLINGS, "X-Forwarded-Proto", "X_Forwarded_Proto", "X-Forwarded_Proto", "X-Forwarded-Host",
             "X_Forwarded_Host", "X-Forwarded-Port", "X-Forwarded-Prefix", "X_Forwarded_Prefix", *TELLING]  # fmt: skip
    for name in names:
        for value in ("http", "evil.example", "203.0.113.9"):
            answer = client.ask("GET", PAGE, {name: value})
            assert answer.status in (200, 400), (name, value)
            assert b"evil.example" not in answer.body and "evil.example" not in str(answer.headers)
            assert answer.status == 400 or len(answer.all("Set-Cookie")) == len(usual.all("Set-Cookie"))


# ── sizes and times ──


def test_bodies_have_the_limits_of_the_product(client: Client) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    assert client.ask("POST", PAGE, headers, b"a=" + b"x" * 900_000).status == 419
    refused = (0, 413, 502)  # 502: the product refused it while a proxy that streams was still sending
    assert client.ask("POST", PAGE, headers, b"a=" + b"x" * 1_100_000).status in refused


def test_many_headers_are_refused(client: Client) -> None:
    assert client.ask("GET", PAGE, {f"X-{number}": "x" * 1000 for number in range(70)}).status in (0, 400, 431)


def test_slow_bodies_are_cut_off_and_hold_nobody_up(site: Site, proxy: Proxy) -> None:
    """Eight clients that send drop by drop; four threads would be held."""
    assert within(9, lambda: _asks_beside_slow_ones(site, proxy))  # nginx gives a body that stands still ten seconds


def _asks_beside_slow_ones(site: Site, proxy: Proxy) -> None:
    context = ssl.create_default_context(cafile=site.authority)
    slow = []
    for _number in range(8):
        raw = context.wrap_socket(socket.create_connection(("127.0.0.1", proxy.https_port)), server_hostname=HOST)
        raw.sendall(f"POST {PAGE} HTTP/1.1\r\nHost: {HOST}:{proxy.https_port}\r\nContent-Length: 5000\r\n"
                    "Content-Type: application/x-www-form-urlencoded\r\n\r\na=".encode())  # fmt: skip
        slow.append(raw)
    assert site.client(proxy).ask("GET", PAGE).status == 200
    for raw in slow:
        raw.close()


def test_too_many_requests_are_refused_by_nginx(site: Site) -> None:
    few = site.proxy("nginx", "nginx-few", "--rate", "2", "--sign-in-rate", "1")
    client = site.client(few)
    assert 429 in {client.ask("GET", PAGE).status for _number in range(20)}


# ── the log, and the second password ──


@pytest.mark.asvs("V16.2.5")
def test_the_log_holds_no_search_and_no_token(client: Client, proxy: Proxy) -> None:
    client.ask("GET", "/leads/?q=De%20Vries-canary")
    client.ask("GET", "/auth/set-password/token-canary")
    telling = {"Referer": "https://elsewhere.example/?q=referer-canary", "User-Agent": "agent-canary"}
    client.ask("GET", "/auth/none", telling)
    time.sleep(0.3)
    assert "/leads" in proxy.log and "canary" not in proxy.log


def test_a_second_password_before_everything(site: Site, proxy: Proxy) -> None:
    walled = site.proxy(proxy.kind, f"{proxy.kind}-walled", "--wall-file", str(site.folder / "wall"), *FAST)
    client = site.client(walled)
    for path in (PAGE, "/", f"/static/{STYLE}", "/nowhere"):
        assert client.ask("GET", path).status in (401, 404), path
    assert client.ask("GET", PAGE).status == 401
    assert client.ask("GET", PAGE, basic(WALL[0], "wrong")).status == 401
    assert client.ask("GET", PAGE, basic(*WALL)).status == 200


def basic(user: str, password: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


def test_styles_can_come_from_the_product(site: Site, proxy: Proxy) -> None:
    through = site.proxy(proxy.kind, f"{proxy.kind}-alone-styles", *FAST)
    assert site.client(through).ask("GET", f"/static/{STYLE}").body == (DIST / STYLE).read_bytes()


def test_the_planted_files_are_really_there(site: Site) -> None:
    """Otherwise every test above would pass with a proxy that serves the whole disk."""
    assert CANARY in Path(site.folder / "web" / "styles" / ".git" / "config").read_text()
    assert CANARY in Path(site.folder / "web" / ".env").read_text()
