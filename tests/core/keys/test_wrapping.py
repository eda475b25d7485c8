"""What wraps a company's key: it opens for that company and number only, from a file or through a command."""

import os
import stat
import sys
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadcrm.core.config import Config
from leadcrm.core.keys.files import KeyProblem
from leadcrm.core.keys.opening import make_first_keys, ring_of
from leadcrm.core.keys.wrapping import Command, MasterFiles, Wrappers, context_of

KEY, COMPANY = os.urandom(32), uuid4()
HERE = context_of(COMPANY, 1)
FILES = MasterFiles({1: os.urandom(32)})

# What an office's own script may look like: it keeps its own key, reads base64 and answers base64.
SCRIPT = """#!{python}
import base64, os, sys
from pathlib import Path
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
here = Path({folder!r})
(here / "seen").write_text(repr(sys.argv) + repr(sorted(os.environ.items())))
cipher, content = AESGCM((here / "kek").read_bytes()), base64.b64decode(sys.stdin.buffer.read())
if sys.argv[1] == "wrap":
    nonce = os.urandom(12)
    answer = nonce + cipher.encrypt(nonce, content, None)
else:
    answer = cipher.decrypt(content[:12], content[12:], None)
print(base64.b64encode(answer).decode())
"""


@pytest.fixture
def script(tmp_path: Path) -> Path:
    folder = tmp_path / "kms"
    folder.mkdir()
    (folder / "kek").write_bytes(os.urandom(32))
    file = folder / "kms.py"
    file.write_text(SCRIPT.format(python=sys.executable, folder=str(folder)))
    file.chmod(stat.S_IRWXU)
    return file


def written(folder: Path, text: str) -> str:
    file = folder / "answers.sh"
    file.write_text(f"#!/bin/sh\n{text}\n")
    file.chmod(stat.S_IRWXU)
    return str(file)


def test_files_give_back_what_they_wrapped() -> None:
    assert FILES.unwrap(FILES.wrap(KEY, HERE), HERE) == KEY


@pytest.mark.parametrize("there", [context_of(uuid4(), 1), context_of(COMPANY, 2)], ids=["company", "number"])
def test_a_wrapped_key_does_not_open_elsewhere(there: bytes, script: Path) -> None:
    for wrapper in (FILES, Command(str(script))):
        with pytest.raises(KeyProblem, match="another company"):
            wrapper.unwrap(wrapper.wrap(KEY, HERE), there)


@given(st.binary(max_size=80))
def test_rubbish_is_refused(rubbish: bytes) -> None:
    with pytest.raises(KeyProblem):
        FILES.unwrap(rubbish, HERE)


def test_a_master_that_another_process_added_is_found(tmp_path: Path) -> None:
    make_first_keys(Config(instance=tmp_path))
    ours = MasterFiles({}, tmp_path / "keys")
    theirs = MasterFiles({1: os.urandom(32)})
    with pytest.raises(KeyProblem, match="another company"):  # read, and it is another key
        ours.unwrap(theirs.wrap(KEY, HERE), HERE)
    with pytest.raises(KeyProblem, match="master-7.key is missing"):
        ours.unwrap(MasterFiles({7: os.urandom(32)}).wrap(KEY, HERE), HERE)


@pytest.mark.asvs("V13.3.1")
def test_a_command_wraps_and_no_secret_is_among_its_arguments_or_in_its_environment(
    script: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LEADCRM_DATABASE_URL", "postgresql://s3cr3t")
    monkeypatch.setenv("VAULT_ADDR", "https://vault.example")
    command = Command(str(script))
    wrapped = command.wrap(KEY, HERE)
    assert KEY not in wrapped and command.unwrap(wrapped, HERE) == KEY
    seen = (script.parent / "seen").read_text()
    assert "s3cr3t" not in seen and "LEADCRM" not in seen and "VAULT_ADDR" in seen
    assert KEY.hex() not in seen and "unwrap" in seen


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        ("exit 3", "exit code 3"), ("echo 'not base64!'", "base64"), ("true", "base64"), ("sleep 5", "within 0.3 s"),
    ],
)
def test_a_command_that_fails_says_so(tmp_path: Path, answers: str, reason: str) -> None:
    command = Command(written(tmp_path, f"cat >/dev/null; {answers}"), seconds=0.3)
    with pytest.raises(KeyProblem, match=reason):
        command.wrap(KEY, HERE)


def test_a_command_that_answers_with_another_key_is_refused(tmp_path: Path) -> None:
    command = Command(written(tmp_path, "cat"))  # "unwraps" to whatever came in
    with pytest.raises(KeyProblem, match="changed"):
        command.unwrap(os.urandom(48), HERE)


def test_a_command_that_is_not_there() -> None:
    with pytest.raises(KeyProblem, match="cannot be run"):
        Command("/nowhere/kms").wrap(KEY, HERE)


def test_what_wrapped_before_still_unwraps(script: Path) -> None:
    both = Wrappers(Command(str(script)), FILES)
    assert both.current.name == "command"
    assert both.unwrap(FILES.wrap(KEY, HERE), FILES.name, HERE) == KEY
    with pytest.raises(KeyProblem, match="rotate-kek"):
        Wrappers(None, FILES).unwrap(both.current.wrap(KEY, HERE), "command", HERE)
    with pytest.raises(KeyProblem, match="key_command"):
        _ = Wrappers(None, None).current


@pytest.mark.asvs("V13.3.1")
def test_an_instance_with_a_command_keeps_no_key_in_clear(tmp_path: Path, script: Path) -> None:
    config = Config(instance=tmp_path / "instance", key_command=str(script))
    make_first_keys(config)
    make_first_keys(config)
    assert [file.name for file in (config.instance / "keys").iterdir()] == ["root.wrapped"]
    nowhere = "postgresql+psycopg://nobody@/nowhere"
    assert ring_of(config, nowhere).derived("audit") == ring_of(config, nowhere).derived("audit")
    with pytest.raises(KeyProblem, match="key_command"):
        ring_of(Config(instance=tmp_path / "instance"), nowhere)
