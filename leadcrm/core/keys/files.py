"""Key files: written private, and refused when somebody else could have read or changed them."""

import base64
import os
import stat
from pathlib import Path

KEY_BYTES = 32
PACKAGE = Path(__file__).parents[2]
# Where web servers look by default; a folder of the same name elsewhere is as bad.
SERVED = tuple(
    map(Path, ("/var/www", "/srv/www", "/srv/http", "/usr/share/nginx", "/usr/local/www", "/usr/local/apache2"))
)
SERVED_NAMES = frozenset({"public_html", "htdocs", "httpdocs", "wwwroot", "webroot"})


class KeyProblem(RuntimeError):
    """The keys cannot be used; says why and what to do."""


def write_private(path: Path, content: bytes) -> None:
    """A new file of mode 0600 from its first moment; an existing one is never overwritten."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def write_key(path: Path, key: bytes) -> None:
    write_private(path, base64.b64encode(key))


def read_key(file: Path) -> bytes:
    """The key in a file. Raises KeyProblem when others may read it, or when it holds none."""
    try:
        refuse_readable_by_others(file)
        key = base64.b64decode(file.read_bytes().strip(), validate=True)
    except (OSError, ValueError) as error:
        raise KeyProblem(f"Key file {file} cannot be read: {error}. Restore it from its backup.") from error
    if len(key) != KEY_BYTES:
        raise KeyProblem(f"Key file {file} does not hold a key of {KEY_BYTES} bytes. Restore it from its backup.")
    return key


def masters_in(folder: Path) -> dict[int, bytes]:
    """The numbered master keys."""
    files = sorted(folder.glob("master-*.key")) if folder.is_dir() else []
    return {_number(file): read_key(file) for file in files}


def _number(file: Path) -> int:
    try:
        return int(file.stem.removeprefix("master-"))
    except ValueError:
        raise KeyProblem(f"{file} is no key of ours: key files are called master-1.key. Move it away.") from None


def refuse_readable_by_others(file: Path) -> None:
    """Ours or root's, and nobody else's to read or change.

    What systemd hands out as a credential belongs to root with an access list for us, which shows as the group's right
    to read: that is let pass.
    """
    found = file.stat()
    mode, handed_out = stat.S_IMODE(found.st_mode), (found.st_uid, found.st_gid) == (0, 0)
    if mode & (0o037 if handed_out and os.geteuid() != 0 else 0o077):
        raise KeyProblem(
            f"Key file {file} can be read by others (mode {mode:o}). Run `chmod 600 {file}` and start again."
        )
    if found.st_uid not in (os.geteuid(), 0):
        raise KeyProblem(
            f"Key file {file} belongs to another user ({found.st_uid}), who can change it. "
            f"Run `chown {os.geteuid()} {file}` and start again."
        )


def refuse_unsafe_place(folder: Path, instance: Path) -> None:
    """Keys lie where nobody publishes them: in no served folder, in no work tree of git but inside the instance.

    A folder that others may write to is refused too: they could put a key of theirs there.
    """
    here = folder.resolve()
    if served := served_in(here):
        raise KeyProblem(
            f"The keys in {here} lie in {served}, which a web server may publish. Move them to a folder that is never "
            "served, such as /etc/leadcrm/keys, and name it in `key_folder`."
        )
    if tree := work_tree_of(here, instance.resolve()):
        raise KeyProblem(
            f"The keys in {here} lie in the git work tree {tree} and could be committed. Move them to a folder "
            "outside it, or inside the instance, and name it in `key_folder`."
        )
    if here.is_dir():
        _refuse_foreign_folder(here)


def served_in(folder: Path) -> str | None:
    """The place that a web server may publish, in which this folder lies."""
    inside = [served for served in (*SERVED, PACKAGE) if folder.is_relative_to(served)]
    named = SERVED_NAMES & {part.lower() for part in folder.parts}
    if inside:
        return str(inside[0])
    return f"a folder called {sorted(named)[0]}" if named else None


def work_tree_of(folder: Path, instance: Path) -> Path | None:
    """The work tree of git in which this folder lies, unless it is inside the instance."""
    if folder.is_relative_to(instance):
        return None
    return next((parent for parent in (folder, *folder.parents) if (parent / ".git").exists()), None)


def _refuse_foreign_folder(folder: Path) -> None:
    found = folder.stat()
    if found.st_uid not in (os.geteuid(), 0):
        raise KeyProblem(
            f"The folder {folder} of the keys belongs to another user ({found.st_uid}). "
            f"Run `chown {os.geteuid()} {folder}` and start again."
        )
    if found.st_mode & 0o022:
        raise KeyProblem(
            f"The folder {folder} of the keys can be changed by others. Run `chmod 700 {folder}` and start again."
        )
