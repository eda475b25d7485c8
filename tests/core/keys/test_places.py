"""Keys that somebody else could have read, changed or published stop the start, and say what to do."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from leadcrm.core.config import Config
from leadcrm.core.crypto import Keyring
from leadcrm.core.keys import files
from leadcrm.core.keys.files import KeyProblem, refuse_unsafe_place
from leadcrm.core.keys.opening import make_first_keys, ring_of

NOWHERE = "postgresql+psycopg://nobody@/nowhere"


def test_keys_inside_an_instance_in_a_work_tree_are_taken(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    refuse_unsafe_place(tmp_path / "instance" / "keys", tmp_path / "instance")


@pytest.mark.asvs("V13.3.1")
@pytest.mark.parametrize("kind", ["folder", "file"])
def test_keys_elsewhere_in_a_work_tree_are_refused(tmp_path: Path, kind: str) -> None:
    mark = tmp_path / ".git"
    mark.mkdir() if kind == "folder" else mark.write_text("gitdir: elsewhere")
    with pytest.raises(KeyProblem, match=r"git work tree.*key_folder"):
        refuse_unsafe_place(tmp_path / "secrets", tmp_path / "instance")


def test_a_link_does_not_hide_the_place(tmp_path: Path) -> None:
    (tmp_path / "tree/.git").mkdir(parents=True)
    (tmp_path / "tree/keys").mkdir()
    (tmp_path / "keys").symlink_to(tmp_path / "tree/keys")
    with pytest.raises(KeyProblem, match="git work tree"):
        refuse_unsafe_place(tmp_path / "keys", tmp_path / "instance")


@pytest.mark.parametrize("place", ["/var/www/html/keys", "/srv/www/x", "/home/jan/public_html/keys", "/opt/htdocs"])
def test_served_folders_are_refused(tmp_path: Path, place: str) -> None:
    with pytest.raises(KeyProblem, match="never served"):
        refuse_unsafe_place(Path(place), tmp_path)


def test_an_instance_inside_a_served_folder_is_refused_too() -> None:
    with pytest.raises(KeyProblem, match="never served"):
        refuse_unsafe_place(Path("/var/www/leadcrm/instance/keys"), Path("/var/www/leadcrm/instance"))


def test_our_own_package_is_served_in_part(tmp_path: Path) -> None:
    with pytest.raises(KeyProblem, match="never served"):
        refuse_unsafe_place(files.PACKAGE / "core/static/dist/keys", tmp_path)


@pytest.mark.parametrize("mode", [0o770, 0o707, 0o777])
def test_a_folder_that_others_may_change_is_refused(tmp_path: Path, mode: int) -> None:
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys").chmod(mode)
    with pytest.raises(KeyProblem, match="chmod 700"):
        refuse_unsafe_place(tmp_path / "keys", tmp_path)


def test_a_key_of_another_user_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Keyring.create(tmp_path / "keys")
    monkeypatch.setattr(os, "geteuid", lambda: os.stat(tmp_path).st_uid + 4711)
    if os.stat(tmp_path).st_uid == 0:
        for file in (tmp_path / "keys").iterdir():
            os.chown(file, 4712, 4712)
    with pytest.raises(KeyProblem, match="chown"):
        Keyring.load(tmp_path / "keys")


def test_a_folder_of_another_user_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "keys").mkdir(mode=0o700)
    if os.geteuid() == 0:
        os.chown(tmp_path / "keys", 4712, 4712)
    else:
        monkeypatch.setattr(os, "geteuid", lambda: 4711)
    with pytest.raises(KeyProblem, match="chown"):
        refuse_unsafe_place(tmp_path / "keys", tmp_path)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can hand out a file as systemd does")
def test_a_credential_from_systemd_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Root's, with an access list for us that shows as the group's right to read."""
    Keyring.create(tmp_path / "keys")
    monkeypatch.setattr(os, "geteuid", lambda: 4711)
    for file in (tmp_path / "keys").iterdir():
        file.chmod(0o440)
    Keyring.load(tmp_path / "keys")
    (tmp_path / "keys/master-1.key").chmod(0o444)
    with pytest.raises(KeyProblem, match="chmod 600"):
        Keyring.load(tmp_path / "keys")


Change = Callable[[Path], None]
UNSAFE: dict[str, Change] = {
    "mode": lambda keys: (keys / "master-1.key").chmod(0o644),
    "mode of the root key": lambda keys: (keys / "root.key").chmod(0o640),
    "folder": lambda keys: keys.chmod(0o777),
    "damaged": lambda keys: (keys / "root.key").write_bytes(b"x"),
    "a stranger's file": lambda keys: (keys / "master-old.key").write_bytes(b"x"),
}


@pytest.mark.parametrize("change", UNSAFE.values(), ids=UNSAFE.keys())
def test_the_start_is_refused(tmp_path: Path, change: Change) -> None:
    config = Config(instance=tmp_path)
    make_first_keys(config)
    ring_of(config, NOWHERE)
    change(tmp_path / "keys")
    with pytest.raises(KeyProblem):
        ring_of(config, NOWHERE)


def test_the_start_is_refused_in_a_work_tree(tmp_path: Path) -> None:
    (tmp_path / "tree/.git").mkdir(parents=True)
    Keyring.create(tmp_path / "tree/keys")
    with pytest.raises(KeyProblem, match="work tree"):
        ring_of(Config(instance=tmp_path / "instance", key_folder=tmp_path / "tree/keys"), NOWHERE)


def test_a_mounted_secret_is_read_and_never_written(tmp_path: Path) -> None:
    config = Config(instance=tmp_path / "instance", key_folder=tmp_path / "mounted")
    with pytest.raises(KeyProblem, match="leadcrm keys make"):
        make_first_keys(config)
    Keyring.create(tmp_path / "mounted")
    make_first_keys(config)
    assert ring_of(config, NOWHERE).newest == 1


def test_an_instance_from_before_the_root_key_derives_as_before(tmp_path: Path) -> None:
    Keyring.create(tmp_path)
    (tmp_path / "root.key").unlink()
    old = Keyring.load(tmp_path)
    (tmp_path / "root.key").write_bytes((tmp_path / "master-1.key").read_bytes())
    (tmp_path / "root.key").chmod(0o600)
    assert Keyring.load(tmp_path).derived("audit") == old.derived("audit")
