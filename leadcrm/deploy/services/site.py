"""The facts of one site: read from the instance's configuration and from the routes of the application.

Everything ends up in files that servers parse, so a value with anything unusual in it is refused, never quoted.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from urllib.parse import urlsplit

from werkzeug.routing import Rule

from leadcrm.core.assets import DIST
from leadcrm.core.config import Config
from leadcrm.core.headers import FROM_ANYBODY, hsts
from leadcrm.core.proxy import FORWARDED
from leadcrm.core.security import LARGEST_FORM, MOST_FILES

HOST = re.compile(r"(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")
PLACE = re.compile(r"/[A-Za-z0-9._/@+-]+")
ADDRESS = re.compile(r"[a-z0-9.-]+:\d{1,5}|\[[0-9a-f:]+\]:\d{1,5}")
PREFIX = re.compile(r"[a-z0-9_-]+(\.[a-z]+)?")
VARIABLE = re.compile(r"<(?:(\w+):)?\w+>")
UUID = "[0-9a-f-]{36}"
HASHED = r"[A-Za-z0-9_-]+\.[0-9a-f]{16}\.[a-z0-9]+"
# What other programs believe of a client, beside what the product itself would.
TELLING = ("X-Forwarded-Server", "X-Client-IP", "X-Cluster-Client-IP", "X-Originating-IP", "True-Client-IP",
           "CF-Connecting-IP", "Client-IP", "X-Original-URL", "X-Original-Host", "X-Rewrite-URL", "X-Host",
           "X-HTTP-Method", "X-HTTP-Method-Override", "X-Method-Override", "Proxy")  # fmt: skip
ENDINGS = (
    "bak", "backup", "old", "orig", "save", "swp", "swo", "tmp", "sql", "dump", "db", "sqlite", "sqlite3", "gz", "bz2",
    "xz", "zst", "tar", "tgz", "zip", "7z", "rar", "key", "pem", "crt", "p12", "pfx", "jks", "toml", "ini", "conf",
    "cfg", "config", "yml", "yaml", "env", "log", "py", "pyc", "pyo", "po", "mo", "md", "lock", "php", "asp", "aspx",
    "jsp", "cgi", "sh", "mako", "passwd", "htpasswd", "htaccess", "dist", "inc", "json",
)  # fmt: skip
NAMES = (
    "instance", "keys", "backup", "backups", "dump", "config", "configuration", "node_modules", "migrations", "tests",
    "vendor", "wp-admin", "wp-login", "phpmyadmin", "cgi-bin", "server-status", "server-info",
)  # fmt: skip


class Unusable(ValueError):
    """A value cannot stand in a configuration; says which and what is expected."""


@dataclass(frozen=True)
class Site:
    """What the templates read."""

    host: str
    https_port: int
    http_port: int
    certificate: str
    key: str
    upstream: str  # host:port, or the path of a socket
    upstream_authority: str  # who signed the product's certificate
    upstream_name: str
    prefixes: tuple[str, ...]  # first words of the application's addresses
    uploads: tuple[str, ...]  # patterns of the addresses that files are sent to
    secret_paths: tuple[str, ...]  # what stands before a token in an address
    methods: tuple[str, ...]
    largest_form: int
    largest_upload: int
    assets: str = ""  # the folder with hashed files, when the proxy itself serves them
    wall: str = ""  # a file of users and bcrypt hashes: a second password before everything
    rate: int = 30  # requests a second and visitor
    sign_in_rate: int = 5
    subdomains: bool = True  # HSTS holds for the hosts below this one too

    @property
    def over_socket(self) -> bool:
        return self.upstream.startswith("/")

    @property
    def origin(self) -> str:
        return f"https://{self.host}" + ("" if self.https_port == 443 else f":{self.https_port}")

    @property
    def application(self) -> str:
        """The pattern of every address that the application has; static files come on top."""
        words = "|".join(self.prefixes).replace(".", r"\.")
        return f"^/$|^/({words})(/.*)?$"

    @property
    def hashed(self) -> str:
        return f"^/static/{HASHED}$"

    @property
    def hashed_file(self) -> str:
        return HASHED

    @property
    def blocked(self) -> str:
        """Dot files, backups, configuration, source: case does not matter."""
        endings = "|".join(ENDINGS)
        names = "|".join(name for name in NAMES if name not in self.prefixes)
        return rf"(^|/)\.|~$|\.({endings})($|[./~])|^/({names})($|[./])"

    @property
    def upload_pattern(self) -> str:
        return "|".join(self.uploads)

    @property
    def wall_users(self) -> list[tuple[str, str]]:
        return users_of(Path(self.wall)) if self.wall else []

    @property
    def headers(self) -> list[tuple[str, str]]:
        """On every answer of the proxy's own, exactly as the application sends them."""
        return [("Strict-Transport-Security", hsts(self.subdomains)), *FROM_ANYBODY.items()]

    @property
    def closed_policy(self) -> str:
        """For pages of the proxy's own, which have no style and no script."""
        return "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

    @property
    def client_headers(self) -> list[str]:
        """What no client may say about itself."""
        ours = [key.removeprefix("HTTP_").replace("_", "-").title() for key in FORWARDED]
        return sorted({name.lower(): name for name in (*ours, *TELLING)}.values())

    @property
    def spelled_with_underscores(self) -> list[str]:
        """Every spelling that a WSGI server takes for one of them, in letters (case does not matter)."""
        return [spelled for name in self.client_headers for spelled in _spellings(name) if "_" in spelled]


def _spellings(name: str) -> Iterable[str]:
    parts = name.split("-")
    for signs in product("-_", repeat=len(parts) - 1):
        yield "".join(part + sign for part, sign in zip(parts, (*signs, ""), strict=True))


def users_of(file: Path) -> list[tuple[str, str]]:
    """name:hash lines, as `htpasswd -B` writes them; only bcrypt, which all three servers understand."""
    try:
        pairs = [line.strip().partition(":")[::2] for line in file.read_text().splitlines() if line.strip()]
    except OSError as problem:
        raise Unusable(f"the password file cannot be read: {problem}") from problem
    if not pairs or not all(re.fullmatch(r"[\w.@-]+", name) and _is_bcrypt(hashed) for name, hashed in pairs):
        raise Unusable(f"{file}: each line must be name:hash with a bcrypt hash (`htpasswd -B -c {file} name`)")
    return pairs


def _is_bcrypt(hashed: str) -> bool:
    return re.fullmatch(r"\$2[aby]\$\d\d\$[./A-Za-z0-9]{53}", hashed) is not None


def site_of(config: Config, rules: Iterable[tuple[Rule, bool]], **chosen: str | int | None) -> Site:
    """`rules` are the application's, each with whether files are sent to it; `chosen` wins over the configuration."""
    known = [(rule, uploads) for rule, uploads in rules]
    given = {name: value for name, value in chosen.items() if value is not None}
    host = str(given.pop("host", None) or urlsplit(config.base_url).hostname or "")
    wanted = {
        "host": host,
        "https_port": urlsplit(config.base_url).port or 443 if "host" not in chosen else 443,
        "http_port": 80,
        "certificate": str(config.tls_certificate or ""),
        "key": str(config.tls_key or ""),
        "upstream": str(config.socket or f"127.0.0.1:{config.port}"),
        "upstream_authority": str(config.tls_certificate or config.instance / "tls" / "ca.pem"),
        "upstream_name": host if config.tls_certificate else "localhost",
        "prefixes": _prefixes(rule for rule, _ in known),
        "uploads": tuple(sorted({_pattern(rule) for rule, uploads in known if uploads})),
        "secret_paths": tuple(sorted({rule.rule.partition("<")[0] for rule, _ in known if "token" in rule.arguments})),
        "methods": tuple(sorted({method for rule, _ in known for method in rule.methods or ()} - {"OPTIONS"})),
        "largest_form": LARGEST_FORM,
        "subdomains": config.hsts_subdomains,
        "largest_upload": max(config.max_upload_mb, MOST_FILES * config.max_file_mb) * 1024 * 1024,
    }
    return checked(Site(**(wanted | given)))  # type: ignore[arg-type]  # names and types as above


def _prefixes(rules: Iterable[Rule]) -> tuple[str, ...]:
    words = {rule.rule.split("/")[1] for rule in rules} - {"", "static"}
    odd = [word for word in words if not PREFIX.fullmatch(word)]
    if odd:
        raise Unusable(f"addresses begin with {', '.join(odd)}: expected letters, figures and hyphens")
    return tuple(sorted(words))


def _pattern(rule: Rule) -> str:
    return f"^{VARIABLE.sub(lambda found: UUID if found.group(1) == 'uuid' else '[^/]+', rule.rule)}$"


def checked(site: Site) -> Site:
    """Refuses what a server would read as something else."""
    if not HOST.fullmatch(site.host):
        raise Unusable(f"--host {site.host!r}: expected a name such as crm.kantoor.nl")
    places = {"--certificate": site.certificate, "--key": site.key, "--assets": site.assets, "--wall-file": site.wall,
              "--upstream-ca": "" if site.over_socket else site.upstream_authority}  # fmt: skip
    for option, place in places.items():
        if place and (not PLACE.fullmatch(place) or ".." in place):
            raise Unusable(f"{option} {place!r}: expected an absolute path without spaces or quotes")
    if not (PLACE if site.over_socket else ADDRESS).fullmatch(site.upstream):
        raise Unusable(f"--upstream {site.upstream!r}: expected 127.0.0.1:8443 or the path of a socket")
    if bool(site.certificate) != bool(site.key):
        raise Unusable("--certificate and --key go together")
    users_of(Path(site.wall)) if site.wall else None
    return site


def assets_folder() -> str:
    return str(DIST)
