"""The configuration: typed, closed to unknown keys, and refusing insecure values with the reason and the remedy.

Read from `instance/config.toml`, then from the environment (`LEADCRM_PORT=9443` is `port`). What an administrator may
change while the application runs is not here but in plugins' settings.
"""

import os
import tomllib
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from flask import current_app
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

ROOT = Path(__file__).parent.parent.parent
PREFIX = "LEADCRM_"
UNIX = "unix"  # in trusted_proxies
LOCAL = frozenset({"127.0.0.1", "::1", "localhost"})


class ConfigProblem(RuntimeError):
    """The configuration cannot be used; says which key, why, and what to do."""


def _network(value: str) -> IPv4Network | IPv6Network:
    network = ip_network(value)
    if network.prefixlen == 0:
        raise ValueError(f"{value} trusts the whole world: name your proxies")
    return network


def _scanner(value: str) -> str:
    """What is scanned travels in clear, so the scanner is on this machine."""
    parts = urlsplit(value)
    if parts.scheme == "unix" and parts.path.startswith("/") or parts.scheme == "tcp" and parts.hostname in LOCAL:
        return value
    raise ValueError("must be unix:/path or tcp://127.0.0.1:port: files go to the scanner in clear")


def _listed(value: Any) -> Any:
    return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value


def _https(value: str) -> str:
    if not value.startswith("https://"):
        raise ValueError("must begin with https://, client data never travels in clear")
    return value.rstrip("/")


Listed = Annotated[tuple[str, ...], BeforeValidator(_listed)]
Scanner = Annotated[str, AfterValidator(_scanner)]
Url = Annotated[str, AfterValidator(_https)]


class Config(BaseModel):
    """Every key with its default. Times are in the unit that the name says."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=False)

    instance: Path = ROOT / "instance"
    base_url: Url = "https://localhost:8443"
    hosts: Listed = ("localhost", "127.0.0.1")  # names this server answers to; anything else gets 400
    bind: str = "127.0.0.1"
    port: int = Field(8443, ge=1, le=65535)
    socket: Path | None = None  # listen here instead of on bind and port, without TLS: for a proxy on this machine
    http_port: int = Field(8080, ge=0, le=65535)  # 0: no plain listener; it only redirects
    web_workers: int = Field(2, ge=1, le=64)
    web_threads: int = Field(4, ge=1, le=64)
    job_workers: int = Field(2, ge=1, le=64)
    database_url: str | None = None  # None: the embedded PostgreSQL
    worker_database_url: str | None = None
    migrator_database_url: str | None = None
    database_pool: int = Field(8, ge=1, le=100)
    statement_timeout_ms: int = Field(15_000, ge=100)
    trusted_proxies: Listed = ()  # addresses or networks whose X-Forwarded-* is believed; "unix": who opens our socket
    hsts_subdomains: bool = True  # browsers then use TLS for every host below this one: all of them must have it
    tls_certificate: Path | None = None  # None: our own demonstration certificate
    tls_key: Path | None = None
    language: Literal["nl", "en"] = "nl"
    session_idle_minutes: int = Field(30, ge=5, le=120)
    session_hours: int = Field(12, ge=1, le=24)
    admin_idle_minutes: int = Field(15, ge=5, le=60)  # admins are let go sooner, and never later than others
    admin_session_hours: int = Field(4, ge=1, le=12)
    session_turn_minutes: int = Field(10, ge=10, le=15)  # a session's token is replaced so often
    session_grace_seconds: int = Field(60, ge=30, le=60)  # the one before counts so long after the new one was seen
    max_upload_mb: int = Field(50, ge=1, le=1024)
    plugins: Listed = ()  # outside plugins, by their entry-point name; nothing else is ever loaded
    mail_server: str | None = None  # None: mail waits in the outbox
    mail_port: int = Field(587, ge=1, le=65535)
    mail_security: Literal["starttls", "tls"] = "starttls"
    mail_user: str | None = None
    mail_password_file: Path | None = None
    mail_sender: str = "leadcrm@localhost"
    mail_ca_file: Path | None = None  # a private authority of the mail server, beside the system's
    failed_login_days: int = Field(365, ge=30, le=3650)  # kept that long, then forgotten
    incident_days: int = Field(1095, ge=90, le=3650)
    notice_days: int = Field(180, ge=90, le=3650)
    review_days: int = Field(2, ge=1, le=30)  # an incident that waits longer is reminded of, once a day
    anchor_syslog: str | None = None  # tls://host:6514 or unix:/dev/log: gets every anchor of the audit trail too
    anchor_syslog_ca_file: Path | None = None  # a private authority of that server, beside the system's
    anchor_mail: str | None = None  # gets every anchor too, best at another provider
    private_mail_networks: Listed = ()  # where companies' own mail servers may be, beside the public internet
    key_folder: Path | None = None  # a mounted secret or systemd's credentials; None: keys inside the instance
    key_command: str | None = None  # wraps and unwraps companies' keys instead of a master key file
    key_command_seconds: float = Field(10, gt=0, le=120)
    max_file_mb: int = Field(100, ge=1, le=10_240)  # the largest document
    keep_free_mb: int = Field(200, ge=1)  # files are refused rather than leave less than this of the disk
    document_bin_days: int = Field(30, ge=1, le=365)  # a removed document can be brought back for so long
    blob_folder: Path | None = None  # where files lie, encrypted; None: inside the instance
    clamav: Scanner | None = None  # unix:/run/clamav/clamd.ctl or tcp://127.0.0.1:3310; None: no scanner
    clamav_seconds: float = Field(60, gt=0, le=600)  # until a file that is not answered for waits for another turn
    s3_endpoint: Url | None = None  # an S3-compatible store for files instead of the folder; encrypted here first
    s3_bucket: str | None = None
    s3_region: str = "us-east-1"
    s3_prefix: str = ""
    s3_key_id: str | None = None
    s3_secret_file: Path | None = None
    s3_ca_file: Path | None = None  # a private authority of that store, instead of the system's
    backup_marker: Path | None = None  # a file that your backup touches when it has ended well
    testing: bool = False

    @model_validator(mode="after")
    def refuse_insecure(self) -> "Config":
        for network in (*self.trusted_proxies, *self.private_mail_networks):
            if network != UNIX:
                _network(network)
        if not self.hosts or "*" in "".join(self.hosts):
            raise ValueError("hosts must name the hosts this server answers to, without wildcards")
        if self.socket and UNIX not in self.trusted_proxies:
            raise ValueError(f'socket is for a proxy on this machine: name "{UNIX}" in trusted_proxies too')
        if (self.tls_certificate is None) != (self.tls_key is None):
            raise ValueError("tls_certificate and tls_key go together")
        s3 = (self.s3_endpoint, self.s3_bucket, self.s3_key_id, self.s3_secret_file)
        if any(s3) and not all(s3):
            raise ValueError("s3_endpoint, s3_bucket, s3_key_id and s3_secret_file go together")
        if self.database_url and not self.database_url.startswith("postgresql"):
            raise ValueError(
                "database_url must be a PostgreSQL address (postgresql://…); no other database is supported"
            )
        return self

    @property
    def company_mail_networks(self) -> tuple[IPv4Network | IPv6Network, ...]:
        return tuple(_network(network) for network in self.private_mail_networks)

    @property
    def proxy_networks(self) -> tuple[IPv4Network | IPv6Network, ...]:
        return tuple(_network(network) for network in self.trusted_proxies if network != UNIX)

    @property
    def trusts_socket(self) -> bool:
        return UNIX in self.trusted_proxies


def load(instance: Path | None = None, environ: dict[str, str] | None = None, **overrides: Any) -> Config:
    """File, then environment, then overrides. Raises ConfigProblem in words an administrator can act on."""
    environ = dict(os.environ) if environ is None else environ
    folder = Path(instance or environ.get(f"{PREFIX}INSTANCE") or ROOT / "instance").absolute()
    values = {"instance": folder} | _from_file(folder / "config.toml") | _from_environment(environ) | overrides
    try:
        return Config.model_validate(values)
    except ValidationError as problem:
        raise ConfigProblem(_explained(problem)) from problem


def _from_file(path: Path) -> dict[str, Any]:
    if not path.exists():
        return {}
    if path.stat().st_mode & 0o022:
        raise ConfigProblem(f"{path} can be changed by others. Run `chmod go-w {path}` and start again.")
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as problem:
        raise ConfigProblem(f"{path} cannot be read: {problem}") from problem


def _from_environment(environ: dict[str, str]) -> dict[str, str]:
    names = (name for name in environ if name.startswith(PREFIX) and name != f"{PREFIX}INSTANCE")
    return {name.removeprefix(PREFIX).lower(): environ[name] for name in names}


def _explained(problem: ValidationError) -> str:
    lines = ["The configuration is refused (instance/config.toml or LEADCRM_… in the environment):"]
    for error in problem.errors():
        key = ".".join(str(part) for part in error["loc"]) or "configuration"
        unknown = error["type"] == "extra_forbidden"
        reason = "is no known key; see `leadcrm init --help` for the list" if unknown else error["msg"]
        lines.append(f"  {key}: {reason.removeprefix('Value error, ')}")
    return "\n".join(lines)


def current_config() -> Config:
    config: Config = current_app.extensions["config"]
    return config
