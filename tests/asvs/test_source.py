"""What the source does not contain: shown by reading all of it, for what is not written yet too."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
PACKAGE = ROOT / "leadcrm"
SOURCES = sorted(PACKAGE.rglob("*.py"))
TEMPLATES = sorted(PACKAGE.rglob("templates/**/*.html"))
SCRIPTS = sorted(path for path in PACKAGE.rglob("static/**/*.js") if "dist" not in path.parts)
Call = tuple[Path, str, ast.Call]


def name_of(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


@cache
def nodes() -> list[tuple[Path, ast.AST]]:
    """Calls and imports, read once for all that is held here."""
    kept = (ast.Call, ast.Import, ast.ImportFrom)
    return [
        (path, node) for path in SOURCES for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, kept)
    ]


@cache
def calls() -> list[Call]:
    """Every call with its name as it is written."""
    return [(path, ast.unparse(node.func), node) for path, node in nodes() if isinstance(node, ast.Call)]


def imported() -> Iterator[tuple[Path, str]]:
    for path, node in nodes():
        if isinstance(node, ast.Import):
            yield from ((path, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield path, node.module
            yield from ((path, f"{node.module}.{alias.name}") for alias in node.names)


@cache
def text_of(path: Path) -> list[str]:
    return path.read_text().splitlines()


def lines(paths: list[Path], pattern: str) -> list[str]:
    found = re.compile(pattern)
    return [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in paths
        for number, line in enumerate(text_of(path), 1)
        if found.search(line)
    ]


def test_there_is_a_source_to_read() -> None:
    """Otherwise nothing below would ever be found."""
    assert len(SOURCES) > 150 and len(TEMPLATES) > 40 and len(SCRIPTS) > 5
    assert len(calls()) > 3_000


@pytest.mark.asvs("V1.3.2", "V1.5.2")
def test_nothing_is_evaluated_or_unpickled() -> None:
    forbidden = {"eval", "exec", "compile", "__import__", "pickle.load", "pickle.loads", "marshal.loads", "yaml.load"}
    assert [(name_of(path), name) for path, name, _node in calls() if name in forbidden] == []
    modules = {"pickle", "marshal", "shelve", "yaml", "dill", "jsonpickle"}
    assert [(name_of(path), name) for path, name in imported() if name.partition(".")[0] in modules] == []


@pytest.mark.asvs("V1.2.5")
def test_programs_are_started_without_a_shell() -> None:
    started = [(path, name, node) for path, name, node in calls() if name.startswith(("subprocess.", "os.exec"))]
    assert len(started) >= 5
    for path, name, node in started:
        assert not [keyword for keyword in node.keywords if keyword.arg == "shell"], name_of(path)
        if node.args and name in ("subprocess.run", "subprocess.Popen"):
            assert not isinstance(node.args[0], ast.JoinedStr | ast.Constant), f"{name_of(path)}: a list, not a line"
    assert [name_of(path) for path, name, _node in calls() if name in ("os.system", "os.popen", "pty.spawn")] == []


@pytest.mark.asvs("V1.3.7", "V1.3.5")
def test_no_template_is_made_of_what_somebody_typed() -> None:
    forbidden = ("render_template_string", "from_string", "Template")
    found = [(name_of(path), name) for path, name, _node in calls() if name.split(".")[-1] in forbidden]
    others = ("auth/services/old_hashes.py", "imports/")  # a scheme of hashes, and a table called Template
    assert [each for each in found if not each[0].startswith(others)] == []
    modules = {"markdown", "mistune", "bleach", "docutils", "string.Template"}
    assert [(name_of(path), name) for path, name in imported() if name in modules] == []


@pytest.mark.asvs("V1.1.2", "V1.3.1")
def test_escaping_is_the_last_step_and_never_switched_off() -> None:
    """No editor of HTML anywhere: what people typed is text. Only what we wrote ourselves is markup."""
    assert lines(TEMPLATES, r"\|\s*safe\b|autoescape|contenteditable") == []
    made = [path for path, name, _node in calls() if name in ("Markup", "markupsafe.Markup")]
    assert {name_of(path) for path in made} <= MAY_MAKE_MARKUP


MAY_MAKE_MARKUP = {  # the square of a second factor is drawn by segno from our own address
    "auth/services/second_factor.py",
    "leads/views/cells.py",
    "core/assets/__init__.py",
    "core/shell.py",
    "core/i18n.py",
    "core/patterns.py",
    "searching/services/explaining.py",
    "tags/views/in_list.py",
    "tags/views/mark.py",
}


@pytest.mark.asvs("V1.2.3")
def test_no_script_is_written_into_a_page() -> None:
    """No inline script, no handler in an attribute: what a script needs stands in data attributes, escaped."""
    inside = re.compile(r"<script\b(?![^>]*\bsrc=)[^>]*>(.*?)</script>", re.DOTALL)
    for path in TEMPLATES:
        assert [body for body in inside.findall(path.read_text()) if body.strip()] == [], name_of(path)
    assert lines(TEMPLATES, r"\son[a-z]+=[\"']|javascript:|hx-on") == []


@pytest.mark.asvs("V3.2.2", "V3.5.5", "V15.3.6")
def test_scripts_put_text_in_as_text() -> None:
    """And listen to no other window, and copy nothing into prototypes."""
    assert lines(SCRIPTS, r"(innerHTML|outerHTML)(?!\" \}\))|insertAdjacentHTML") == []
    assert lines(SCRIPTS, r"document\.write|createContextualFragment") == []
    assert lines(SCRIPTS, r"postMessage|[\"']message[\"']") == []
    assert lines(SCRIPTS, r"__proto__|\.prototype\b|\beval\(|new Function") == []


@pytest.mark.asvs("V14.3.3")
def test_nothing_of_anybody_stays_in_the_browser() -> None:
    """Small choices of how the frame looks, as cookies with fixed words; no client, no session, no storage."""
    assert lines(SCRIPTS, r"localStorage|sessionStorage|indexedDB|caches\.") == []
    kept = lines(SCRIPTS, r"document\.cookie")
    assert len(kept) == 1 and "__Host-leadcrm-${name}=${value}" in kept[0], kept
    assert set(re.findall(r'keep\("(\w+)"', (PACKAGE / "core/static/core/every_page/frame.js").read_text())) <= {
        "nav",
        "rows",
        "theme",
    }


@pytest.mark.asvs("V3.7.1")
def test_pages_need_no_plugin_of_a_browser() -> None:
    found = lines(TEMPLATES, r"<(object|embed|applet|iframe|frame|marquee)\b")
    shown = "copyable('<iframe"  # as text, for somebody else's website
    assert [line for line in found if shown not in line] == []


@pytest.mark.asvs("V14.2.3")
def test_pages_load_and_send_nothing_elsewhere() -> None:
    """No tracker, no font, no picture from another host; links to other sites carry no referrer."""
    loads = lines(TEMPLATES, r"(?:src|action|hx-(?:get|post)|data-[a-z-]+|poster)=[\"'](?:https?:)?//")
    assert loads == []
    assert lines(SCRIPTS, r"[\"'](?:https?:)?//[a-z]|sendBeacon|XMLHttpRequest|WebSocket|EventSource") == []


@pytest.mark.asvs("V1.2.9")
def test_patterns_are_ours() -> None:
    """What somebody typed is never a pattern: it is looked for with `in`, or escaped by the database's LIKE."""
    for path, name, node in calls():
        if name.startswith("re.") and name != "re.escape" and node.args:
            pattern = node.args[0]
            ours = isinstance(pattern, ast.Constant | ast.JoinedStr | ast.Name | ast.BinOp | ast.Attribute)
            ours = ours or name_of(path) == "core/fields/people.py"  # those of the library of telephone numbers
            assert ours, f"{name_of(path)}:{node.lineno}"
    like = [node for _path, name, node in calls() if name.endswith((".icontains", ".startswith", ".contains"))]
    on_columns = [node for node in like if any(keyword.arg == "autoescape" for keyword in node.keywords)]
    assert len(on_columns) >= 2
    assert [
        f"{name_of(path)}:{node.lineno}" for path, name, node in calls() if name.endswith((".like", ".ilike"))
    ] == []


@pytest.mark.asvs("V1.3.10")
def test_format_strings_are_ours() -> None:
    """`.format` only on constants of the source; phrases of translations have named places and no attributes."""
    for path, name, node in calls():
        if name.endswith(".format") and isinstance(node.func, ast.Attribute):
            on = node.func.value
            written = isinstance(on, ast.Call) and ast.unparse(on.func) in ("Markup", "sql.SQL")
            ours = isinstance(on, ast.Constant) or written
            assert ours or name_of(path).startswith("demo/"), f"{name_of(path)}:{node.lineno}"
    for file in PACKAGE.rglob("messages.po"):
        assert not re.search(r"\{[a-z_]+\.[a-z_]", file.read_text()), file


CRYPTOGRAPHY = {
    "AESGCM", "HKDF", "SHA256", "SHA384", "InvalidTag", "Ed25519PrivateKey", "Ed25519PublicKey", "InvalidSignature",
    "Encoding", "PrivateFormat", "PublicFormat", "NoEncryption", "load_pem_private_key", "load_pem_public_key",
    "PrivateKeyTypes", "PublicKeyTypes", "CertificateIssuerPrivateKeyTypes", "ExtendedKeyUsageOID", "NameOID", "ec",
    "EllipticCurvePrivateKey", "SECP256R1", "x509", "hashes", "serialization", "ed25519", "InvalidKey",
}  # fmt: skip


@pytest.mark.asvs("V11.3.1", "V11.3.2", "V11.2.1", "V11.6.1")
def test_cryptography_is_the_librarys_and_of_approved_sorts() -> None:
    """AES-GCM, HKDF over SHA-256, Ed25519 and elliptic curves; no block mode, padding or cipher besides."""
    used = [(name_of(path), name.rpartition(".")[2]) for path, name in imported() if name.startswith("cryptography.")]
    names = {each for each in used if each[1][:1].isupper() or each[1] in CRYPTOGRAPHY}
    assert len(names) >= 5
    assert {name for _path, name in names} <= CRYPTOGRAPHY, sorted(
        name for _path, name in names if name not in CRYPTOGRAPHY
    )
    forbidden = {"Crypto", "Cryptodome", "nacl", "pyaes", "rsa", "M2Crypto"}
    assert [(name_of(path), name) for path, name in imported() if name.partition(".")[0] in forbidden] == []
    assert lines(SOURCES, r"\b(ECB|CBC|PKCS1v15|RC4|DES|Blowfish|TripleDES)\b") == []


@pytest.mark.asvs("V11.4.1")
def test_no_broken_hash_is_used() -> None:
    assert (
        lines(SOURCES, r"hashlib\.(md5|sha1|new)|import .*\b(md5|sha1)\b|hashes\.(MD5|SHA1)\b|[\"'](md5|sha1)[\"']")
        == []
    )


@pytest.mark.asvs("V11.2.3", "V11.4.3")
def test_keys_and_macs_are_long_enough() -> None:
    """256 bits for keys and for what guards integrity. A blind index of 64 bits finds equals and proves nothing."""
    for path, name, node in calls():
        if name == "blake2b":
            size = next((ast.literal_eval(each.value) for each in node.keywords if each.arg == "digest_size"
                         and isinstance(each.value, ast.Constant)), 64)  # fmt: skip
            keyed = any(each.arg == "key" for each in node.keywords)
            assert size >= (32 if name_of(path) in GUARDING else 8) and (keyed or size >= 8), name_of(path)
    assert lines([PACKAGE / "core" / "keys" / "files.py"], r"KEY_BYTES = 32")


GUARDING = {"core/audit.py", "trail/verify.py"}


@pytest.mark.asvs("V11.5.1", "V6.5.3")
def test_what_must_not_be_guessed_comes_from_the_system() -> None:
    """`random` makes demonstration data and pauses, nothing else; every token has 128 bits or more."""
    guessing = {name_of(path) for path, name in imported() if name == "random" or name.startswith("random.")}
    assert all(name.startswith("demo/") or name == "core/migrate.py" for name in guessing), guessing
    tokens = [(path, name, node) for path, name, node in calls() if name.startswith("secrets.token")]
    assert len(tokens) >= 8
    for path, name, node in tokens:
        if name_of(path).startswith("demo/services/records"):
            continue  # made-up fingerprints of made-up consents
        asked = node.args[0] if node.args else ast.Constant(32)
        size = asked.value if isinstance(asked, ast.Constant) else 32
        assert size >= (15 if name_of(path).endswith("recovery.py") else 16) or name_of(path) in SHORT, (
            f"{name_of(path)} {name}"
        )


SHORT = {"core/postgres/places.py"}  # the name of a folder


@pytest.mark.asvs("V13.1.1", "V15.3.2", "V13.2.4")
def test_who_talks_to_the_outside_is_known() -> None:
    """Mail, the syslog of the anchors, and the doctor who visits its own pages; nothing follows a redirect."""
    modules = {"requests", "httpx", "aiohttp", "urllib3", "urllib.request", "http.client", "smtplib", "socket",
               "ftplib", "imaplib", "poplib", "telnetlib"}  # fmt: skip
    talking = {name_of(path) for path, name in imported() if name in modules}
    assert talking <= DOCUMENTED, sorted(talking - DOCUMENTED)
    followers = {"requests", "httpx", "aiohttp", "urllib.request"}  # these follow redirects by themselves
    assert [name for _path, name in imported() if name in followers] == []


DOCUMENTED = {  # see [connections] in documented.toml
    "core/mailing.py", "core/outbox.py", "mailboxes/services/accounts.py", "mailboxes/services/guard.py",
    "core/blobs/s3.py", "core/doctor/work.py", "core/doctor/answers.py", "core/doctor/visitor.py", "core/processes.py",
    "trail/services/witnesses.py", "core/doctor/machine.py", "inspection/services/scanning.py",
    "intake/services/imap.py", "inspection/parsing/trial.py",  # the last tries whether it can
}  # fmt: skip


@pytest.mark.asvs("V16.2.3")
def test_logs_go_where_the_inventory_says() -> None:
    """Python's logging to standard error, for whoever runs us; no file, no network, no print."""
    handlers = r"logging\.(FileHandler|handlers|config)|RotatingFileHandler|SysLogHandler|HTTPHandler"
    assert lines(SOURCES, handlers) == []
    printed = {name_of(path) for path, name, _node in calls() if name == "print"}
    assert all("command" in name or name in MAY_PRINT for name in printed), printed


MAY_PRINT = {"core/server.py", "core/postgres/keeper.py", "core/supervisor.py", "trail/verify.py",
             "core/assets/__main__.py", "core/assets/build.py", "cli.py", "core/processes.py",
             "imports/services/sheet_reader.py"}  # fmt: skip


@pytest.mark.asvs("V6.4.2")
def test_nobody_is_asked_a_secret_question() -> None:
    assert lines(SOURCES, r"(?i)security_question|secret_question|password_hint|mothers_maiden") == []
    assert lines(TEMPLATES, r"(?i)password.?hint|secret.?question") == []


@pytest.mark.asvs("V13.4.2", "V15.2.3")
def test_no_switch_for_debugging_is_shipped() -> None:
    assert lines(SOURCES, r"\bdebug=True|app\.debug\s*=|FLASK_DEBUG|set_trace|breakpoint\(|DebugToolbar") == []
    assert [
        (name_of(path), name) for path, name in imported() if name.split(".")[0] in ("tests", "pdb", "pytest")
    ] == []


@pytest.mark.asvs("V1.2.4")
def test_sql_text_holds_no_values() -> None:
    """A formatted string may name tables and columns of ours; values are parameters. Every exception is looked at."""
    sinks = (".execute", ".exec_driver_sql", ".text")
    for path, name, node in calls():
        if f".{name}".endswith(sinks) and node.args and isinstance(node.args[0], ast.JoinedStr):
            assert name_of(path) in LOOKED_AT, f"{name_of(path)}:{node.lineno} builds SQL from text"


LOOKED_AT = {  # names of our own tables, roles and functions
    "core/keys/looking_after.py", "leads/models/person.py", "leads/models/kinds.py",
    "core/bulk.py", "core/walls.py", "core/migrate.py", "core/doctor/database.py", "core/postgres/roles.py",
    "core/keys/columns.py", "core/keys/rotation.py",
    "core/commands.py", "demo/services/founding.py",
    "core/doctor/walls.py", "core/doctor/tables.py", "demo/commands.py",
}  # fmt: skip


@pytest.mark.asvs("V5.3.2")
def test_no_path_comes_from_what_somebody_typed() -> None:
    """Requests never name a file: names of uploads are kept as text, built assets are found in a manifest."""
    views = [path for path in SOURCES if "views" in path.parts]
    reading = {"open", "Path", "send_file", "send_from_directory", "os.open", "os.path.join"}
    assert [name_of(path) for path, name, _node in calls() if path in views and name in reading] == []
    assert lines(SOURCES, r"secure_filename|send_from_directory|\.save\(.*filename") == []
