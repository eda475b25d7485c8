"""What the product answers: each check fails when a server does just that wrong, and is quiet when it does not."""

import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from leadcrm.core.config import Config
from leadcrm.core.doctor import answers
from leadcrm.core.doctor.examining import look
from leadcrm.core.doctor.report import FAIL, OK, SKIP, WARN, Check, Outcome
from leadcrm.core.doctor.subject import Subject
from leadcrm.core.tls import ensure_certificate
from tests.core.shams import Plain, serving

CHECKS = {check.name: check for check in answers.CHECKS}
BY_ANSWER = ("web.headers", "web.cookies", "web.forged", "web.hosts", "web.closed", "web.strangers", "web.errors")


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sham")
    ensure_certificate(folder / "tls", ["localhost", "127.0.0.1"])
    return folder


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # the sham leaves its sockets to the collector
        warnings.simplefilter("ignore", DeprecationWarning)
        yield


def config_of(instance: Path, port: int, **more: object) -> Config:
    values: dict[str, object] = {"port": port, "base_url": f"https://localhost:{port}", "http_port": 0}
    return Config(instance=instance, **(values | more))  # type: ignore[arg-type]


def examined(name: str, instance: Path, port: int, app: Flask | None = None, **more: object) -> Outcome:
    check: Check = CHECKS[name]
    return look(check, Subject(config_of(instance, port, **more), app))


@pytest.mark.parametrize("name", BY_ANSWER)
def test_a_wrong_answer_is_seen(instance: Path, whole_app: Flask, name: str) -> None:
    with serving("", instance / "tls") as port:
        assert examined(name, instance, port, whole_app).state == OK
    with serving(name, instance / "tls") as port:
        assert examined(name, instance, port, whole_app).state == FAIL


def test_nobody_answers(instance: Path) -> None:
    assert examined("web.answers", instance, 1).state == WARN
    assert examined("web.headers", instance, 1).state == SKIP
    with serving("web.answers", instance / "tls") as port:
        assert examined("web.answers", instance, port).state == WARN


def test_old_tls_is_seen(instance: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving("", instance / "tls") as port:
        assert examined("web.tls", instance, port).state == OK
    with serving("", instance / "tls", old=True) as port:
        assert examined("web.tls", instance, port).state == FAIL


def test_a_certificate_of_strangers_is_not_believed(instance: Path, tmp_path: Path) -> None:
    ensure_certificate(tmp_path / "tls", ["localhost"])
    with serving("", tmp_path / "tls") as port:
        assert examined("web.answers", instance, port).state == WARN


def test_a_presented_certificate_that_ends(instance: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving("", instance / "tls") as port:
        assert examined("web.certificate", instance, port).state == OK
        monkeypatch.setattr(answers, "LEAST_DAYS", 1000)
        assert examined("web.certificate", instance, port).state == WARN


@pytest.mark.parametrize(("wrong", "state"), [("", OK), ("pages", FAIL), ("forms", FAIL)])
def test_the_port_without_tls(instance: Path, wrong: str, state: str) -> None:
    with serving("", instance / "tls") as port, serving(wrong, None, Plain, f"https://localhost:{port}") as plain:
        assert examined("web.redirect", instance, port, http_port=plain).state == state


def test_a_proxy_that_is_this_machine_is_not_probed(instance: Path) -> None:
    with serving("", instance / "tls") as port:
        assert examined("web.forged", instance, port, trusted_proxies="127.0.0.1").state == SKIP


def test_an_address_that_leads_to_the_disk(instance: Path, whole_app: Flask) -> None:
    assert answers.no_files(Subject(config_of(instance, 1), whole_app)).state == OK
    assert answers.no_files(Subject(config_of(instance, 1), Flask("open", static_folder="/tmp"))).state == FAIL


def test_every_check_of_answers_is_tried_here() -> None:
    tried = {*BY_ANSWER, "web.answers", "web.tls", "web.certificate", "web.redirect", "web.files"}
    tried.add("web.reports")  # in test_database.py, which has one
    assert CHECKS.keys() == tried
