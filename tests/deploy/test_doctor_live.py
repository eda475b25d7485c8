"""The doctor and the annex on the real product behind nginx: what it answers is good, so those clauses are met."""

import json
from subprocess import CompletedProcess

import pytest

from tests import forks
from tests.deploy.conftest import FAST, Site

pytestmark = pytest.mark.attack  # against real servers, and slow


def command(site: Site, *words: str) -> CompletedProcess[str]:
    """People go to nginx, so the doctor does too."""
    nginx = site.proxy("nginx", "nginx-doctor", *FAST, "--host", "localhost")
    address = {"LEADCRM_BASE_URL": f"https://localhost:{nginx.https_port}",
               "LEADCRM_TLS_CERTIFICATE": f"{site.folder}/tls/server.pem",
               "LEADCRM_TLS_KEY": f"{site.folder}/tls/server.key"}  # fmt: skip
    return forks.leadcrm(*words, env=site.environment | address)


def test_what_it_answers_is_good(site: Site) -> None:
    done = command(site, "doctor", "--json")
    found = {each["check"]: each for each in json.loads(done.stdout)}
    assert len(found) >= 60
    wrong = {name: each for name, each in found.items() if name.startswith("web.") and each["state"] != "OK"}
    assert wrong == {}
    assert found["work.workers"]["state"] == found["walls.nobody"]["state"] == "OK"


def test_the_annex_says_so(site: Site) -> None:
    done = command(site, "annex", "--lang", "nl")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    states = {line.split()[0]: line.rpartition(": ")[2] for line in lines if line.startswith("A")}
    assert len(states) == 18
    for clause in ("A5", "A12", "A15", "A16", "A17"):
        assert states[clause] == "Nagekomen", (clause, done.stdout)
    assert states["A1"] == "Niet aangetoond"
    english = command(site, "annex", "--lang", "en")
    assert "A15  ✔ No foreign frames: Met" in english.stdout
