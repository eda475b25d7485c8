"""A configuration that is unknown or insecure stops the start, with the reason and what to do."""

from pathlib import Path
from typing import Any

import pytest

from leadcrm.core.config import ConfigProblem, load


def test_defaults_need_no_file(tmp_path: Path) -> None:
    config = load(tmp_path, environ={})
    assert config.base_url == "https://localhost:8443"
    assert config.bind == "127.0.0.1"
    assert config.database_url is None


def test_the_environment_comes_after_the_file(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text('port = 9001\nlanguage = "en"\n')
    (tmp_path / "config.toml").chmod(0o600)
    config = load(tmp_path, environ={"LEADCRM_PORT": "9002", "LEADCRM_HOSTS": "crm.example.nl, localhost"})
    assert (config.port, config.language, config.hosts) == (9002, "en", ("crm.example.nl", "localhost"))


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({"LEADCRM_PROT": "9443"}, "prot: is no known key"),
        ({"LEADCRM_PORT": "http"}, "port"),
        ({"LEADCRM_PORT": "70000"}, "port"),
        ({"LEADCRM_BASE_URL": "http://crm.example.nl"}, "must begin with https://"),
        ({"LEADCRM_TRUSTED_PROXIES": "0.0.0.0/0"}, "trusts the whole world"),
        ({"LEADCRM_TRUSTED_PROXIES": "::/0"}, "trusts the whole world"),
        ({"LEADCRM_TRUSTED_PROXIES": "proxy.local"}, "proxy.local"),
        ({"LEADCRM_HOSTS": "*"}, "without wildcards"),
        ({"LEADCRM_HOSTS": ""}, "hosts must name"),
        ({"LEADCRM_TLS_CERTIFICATE": "/x.pem"}, "go together"),
        ({"LEADCRM_DATABASE_URL": "sqlite:///x.db"}, "PostgreSQL"),
        ({"LEADCRM_MAIL_SECURITY": "none"}, "mail_security"),
        ({"LEADCRM_SESSION_HOURS": "48"}, "session_hours"),
        ({"LEADCRM_SESSION_HOURS": "0"}, "session_hours"),
        ({"LEADCRM_SESSION_IDLE_MINUTES": "4"}, "session_idle_minutes"),
        ({"LEADCRM_SESSION_IDLE_MINUTES": "121"}, "session_idle_minutes"),
        ({"LEADCRM_ADMIN_IDLE_MINUTES": "61"}, "admin_idle_minutes"),
        ({"LEADCRM_ADMIN_SESSION_HOURS": "13"}, "admin_session_hours"),
        ({"LEADCRM_SESSION_TURN_MINUTES": "9"}, "session_turn_minutes"),
        ({"LEADCRM_SESSION_TURN_MINUTES": "16"}, "session_turn_minutes"),
        ({"LEADCRM_SESSION_GRACE_SECONDS": "29"}, "session_grace_seconds"),
        ({"LEADCRM_SESSION_GRACE_SECONDS": "61"}, "session_grace_seconds"),
    ],
)
def test_a_bad_value_is_refused_by_name(tmp_path: Path, environ: dict[str, str], said: str) -> None:
    with pytest.raises(ConfigProblem, match="refused") as problem:
        load(tmp_path, environ=environ)
    assert said in str(problem.value)


def test_a_file_that_others_may_change_is_refused(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("port = 9001\n")
    (tmp_path / "config.toml").chmod(0o666)
    with pytest.raises(ConfigProblem, match="chmod go-w"):
        load(tmp_path, environ={})


@pytest.mark.parametrize("content", ["port = ", "\x00", "port: 9"])
def test_a_damaged_file_is_one_clear_sentence(tmp_path: Path, content: str) -> None:
    (tmp_path / "config.toml").write_text(content)
    (tmp_path / "config.toml").chmod(0o600)
    with pytest.raises(ConfigProblem, match=r"config\.toml cannot be read"):
        load(tmp_path, environ={})


def test_nothing_of_the_environment_is_taken_but_our_own(tmp_path: Path) -> None:
    untouched: dict[str, Any] = {"PORT": "1", "DATABASE_URL": "sqlite://", "FLASK_DEBUG": "1"}
    assert load(tmp_path, environ=untouched) == load(tmp_path, environ={})
