"""The start is refused with the reason and the remedy, under whatever server."""

import os
from subprocess import CompletedProcess

import pytest
from flask import Flask

from leadcrm.core.config import Config
from leadcrm.core.postgres.embedded import Embedded
from leadcrm.core.postgres.urls import Urls
from tests.forks import load_wsgi


def start(config: Config, **environ: str) -> CompletedProcess[str]:
    return load_wsgi({"PATH": os.environ["PATH"], "LEADCRM_INSTANCE": str(config.instance)} | environ)


def test_a_safe_login_starts(whole_app: Flask, config: Config, urls: Urls) -> None:
    done = start(config, LEADCRM_DATABASE_URL=urls.app)
    assert (done.returncode, done.stdout.strip()) == (0, "leadcrm"), done.stderr


@pytest.mark.asvs("V13.2.2")
def test_a_superuser_is_refused(whole_app: Flask, config: Config, server: Embedded, worker_id: str) -> None:
    done = start(config, LEADCRM_DATABASE_URL=server.admin_url(f"leadcrm_{worker_id}"))
    assert done.returncode != 0
    assert "superuser" in done.stderr and "leadcrm init" in done.stderr


def test_the_owner_of_the_tables_is_refused(whole_app: Flask, config: Config, urls: Urls) -> None:
    done = start(config, LEADCRM_DATABASE_URL=urls.migrator)
    assert done.returncode != 0 and "leadcrm_owner" in done.stderr


def test_the_workers_login_is_no_web_login(whole_app: Flask, config: Config, urls: Urls) -> None:
    done = start(config, LEADCRM_DATABASE_URL=urls.worker)
    assert done.returncode != 0 and "leadcrm_all" in done.stderr


@pytest.mark.parametrize(("name", "value"), [("LEADCRM_PROT", "1"), ("LEADCRM_TRUSTED_PROXIES", "0.0.0.0/0")])
def test_a_bad_configuration_is_refused(whole_app: Flask, config: Config, name: str, value: str) -> None:
    done = start(config, **{name: value})
    assert done.returncode != 0 and "The configuration is refused" in done.stderr
