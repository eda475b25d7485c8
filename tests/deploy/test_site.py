"""What would be read as something else by a web server never gets into its configuration."""

from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask

from leadcrm.deploy.commands import deploy
from leadcrm.deploy.services.site import Unusable, users_of

GOOD = ["--host", "crm.kantoor.nl", "--certificate", "/etc/c.pem", "--key", "/etc/c.key"]


def made(app: Flask, kind: str, *options: str) -> tuple[int, str]:
    with app.app_context():
        done = CliRunner().invoke(deploy, [kind, *options])
    return done.exit_code, done.output


@pytest.mark.parametrize("kind", ["nginx", "caddy", "apache"])
def test_it_is_generated_for_the_given_site(whole_app: Flask, kind: str) -> None:
    code, text = made(whole_app, kind, *GOOD, "--upstream", "127.0.0.1:9443", "--https-port", "8444")
    assert code == 0
    for wanted in ("crm.kantoor.nl", "/etc/c.pem", "/etc/c.key", "127.0.0.1:9443", "8444", "leads", "frame-anc"):
        assert wanted in text, wanted
    over_socket = made(whole_app, kind, *GOOD, "--upstream", "/run/leadcrm/web.sock")[1]
    assert "/run/leadcrm/web.sock" in over_socket and "127.0.0.1:8443" not in over_socket


@pytest.mark.parametrize("option", [
    ["--host", "a b"], ["--host", "x;evil"], ["--host", "*"], ["--host", "a\nb"], ["--certificate", "c.pem"],
    ["--certificate", "/etc/c.pem; include /x"], ["--key", "/etc/../x"], ["--upstream", "http://x"],
    ["--upstream", "x y:1"],
    ["--assets-folder", "/a b"], ["--wall-file", "/nowhere"], ["--upstream-ca", "/x\"y"],
])  # fmt: skip
@pytest.mark.parametrize("kind", ["nginx", "caddy", "apache"])
def test_odd_values_are_refused(whole_app: Flask, kind: str, option: list[str]) -> None:
    assert made(whole_app, kind, *GOOD, *option)[0] == 1


def test_a_certificate_is_needed_but_for_caddy(whole_app: Flask) -> None:
    assert made(whole_app, "nginx", "--host", "crm.kantoor.nl")[0] == 1
    assert made(whole_app, "caddy", "--host", "crm.kantoor.nl")[0] == 0


@pytest.mark.parametrize("line", ["ann:{SHA}x", "ann", "", "ann:$apr1$x", "a b:$2y$05$" + "a" * 53, "x:$2y$05$short"])
def test_only_bcrypt_guards_the_wall(tmp_path: Path, line: str) -> None:
    (tmp_path / "wall").write_text(line + "\n")
    with pytest.raises(Unusable):
        users_of(tmp_path / "wall")


def test_nginx_writes_nothing_of_clients_to_its_disk(whole_app: Flask) -> None:
    """A body that it takes in whole would lie there in clear, and so would an answer that a slow client waits for."""
    text = made(whole_app, "nginx", *GOOD)[1]
    places = {part.partition(" {")[0]: part for part in text.split("    location ")}
    assert "proxy_max_temp_file_size 0;" in places[next(iter(places))]
    assert "client_body_buffer_size 1000000;" in text and "client_max_body_size 1000000;" in text
    (files,) = [part for part in places.values() if "proxy_request_buffering off;" in part]
    for address in ("/documents/uploads/", "/documents/lead/", "/leads/import"):
        assert address in files.partition("\n")[0]
    assert "client_max_body_size 2097152000;" in files
