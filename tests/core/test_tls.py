"""The instance's own certificate: good for its hosts, for nothing else, and renewed in time."""

import socket
import ssl
import stat
import subprocess
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509

from leadcrm.core import tls
from leadcrm.core.tls import TlsFiles, TlsProblem, configured_certificate, days_left, ensure_certificate

HOSTS = ("localhost", "127.0.0.1", "[::1]")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "tls"


def handshake(files: TlsFiles, trusted: Path, name: str) -> str | None:
    """The TLS version that a careful client agrees on with a server that has these files."""
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(files.certificate, files.key)
    client = ssl.create_default_context(cafile=trusted)
    client.verify_flags |= ssl.VERIFY_X509_STRICT
    ours, theirs = socket.socketpair()
    with ours, theirs:
        answering = threading.Thread(target=answer, args=(server, ours))
        answering.start()
        try:
            with client.wrap_socket(theirs, server_hostname=name) as secured:
                return secured.version()
        finally:
            theirs.close()
            answering.join()


def answer(context: ssl.SSLContext, end: socket.socket) -> None:
    try:
        context.wrap_socket(end, server_side=True).close()
    except (ssl.SSLError, OSError):
        end.close()


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "::1"])
def test_a_careful_client_accepts_it(folder: Path, name: str) -> None:
    files = ensure_certificate(folder, HOSTS)
    assert handshake(files, folder / "ca.pem", name) == "TLSv1.3"


def test_it_is_not_good_for_other_names(folder: Path) -> None:
    files = ensure_certificate(folder, HOSTS)
    with pytest.raises(ssl.SSLCertVerificationError, match="Hostname mismatch"):
        handshake(files, folder / "ca.pem", "example.org")


def test_the_authority_may_sign_for_these_hosts_only(folder: Path) -> None:
    ensure_certificate(folder, HOSTS)
    authority = x509.load_pem_x509_certificate((folder / "ca.pem").read_bytes())
    key = tls._load_key(folder / "ca.key")
    forged = TlsFiles(folder / "forged.pem", folder / "forged.key")
    tls._issue(forged, authority, key, [x509.DNSName("bank.example")])
    with pytest.raises(ssl.SSLCertVerificationError, match="permitted subtree violation"):
        handshake(forged, folder / "ca.pem", "bank.example")


def test_everything_is_for_its_owner_only(folder: Path) -> None:
    ensure_certificate(folder, HOSTS)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}


def test_it_stays_as_long_as_it_is_good(folder: Path) -> None:
    before = ensure_certificate(folder, HOSTS).certificate.read_bytes()
    assert ensure_certificate(folder, HOSTS).certificate.read_bytes() == before


def read(folder: Path) -> tuple[bytes, bytes]:
    return (folder / "ca.pem").read_bytes(), (folder / "server.pem").read_bytes()


def at(monkeypatch: pytest.MonkeyPatch, days: float) -> None:
    class Later(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
            return datetime.now(UTC) + timedelta(days=days)

    monkeypatch.setattr(tls, "datetime", Later)


@pytest.mark.parametrize(("days", "renewed"), [(59, False), (61, True), (100, True)])
def test_it_is_renewed_a_month_before_its_end(
    folder: Path, monkeypatch: pytest.MonkeyPatch, days: float, renewed: bool
) -> None:
    ensure_certificate(folder, HOSTS)
    authority, certificate = read(folder)
    at(monkeypatch, days)
    ensure_certificate(folder, HOSTS)
    assert read(folder)[0] == authority  # browsers go on trusting it
    assert (read(folder)[1] != certificate) is renewed
    assert days_left(folder / "server.pem") > 30


def test_an_old_authority_is_replaced_before_it_ends(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ensure_certificate(folder, HOSTS)
    authority, _certificate = read(folder)
    at(monkeypatch, tls.AUTHORITY_DAYS - 100)
    ensure_certificate(folder, HOSTS)
    assert read(folder)[0] != authority
    assert days_left(folder / "ca.pem") > 1000


def test_other_hosts_ask_for_another_certificate_and_authority(folder: Path) -> None:
    ensure_certificate(folder, HOSTS)
    files = ensure_certificate(folder, (*HOSTS, "crm.kantoor.nl"))
    assert handshake(files, folder / "ca.pem", "crm.kantoor.nl")


@pytest.mark.parametrize("missing", ["ca.pem", "ca.key", "server.pem", "server.key"])
def test_what_is_missing_is_made_again(folder: Path, missing: str) -> None:
    ensure_certificate(folder, HOSTS)
    (folder / missing).unlink()
    if missing == "ca.key":
        (folder / "server.pem").unlink()
    files = ensure_certificate(folder, HOSTS)
    assert handshake(files, folder / "ca.pem", "localhost")


def test_a_configured_pair_is_taken(folder: Path) -> None:
    files = ensure_certificate(folder, HOSTS)
    assert configured_certificate(files.certificate, files.key) == files


def test_a_key_of_another_certificate_is_refused(folder: Path, tmp_path: Path) -> None:
    files, other = ensure_certificate(folder, HOSTS), ensure_certificate(tmp_path / "other", HOSTS)
    with pytest.raises(TlsProblem, match="is not the key of"):
        configured_certificate(files.certificate, other.key)


def test_a_key_in_another_notation_is_refused_with_the_command_that_mends_it(folder: Path, tmp_path: Path) -> None:
    files = ensure_certificate(folder, HOSTS)
    old = tmp_path / "old.key"
    subprocess.run(["openssl", "ec", "-in", files.key, "-out", old], check=True, capture_output=True)
    with pytest.raises(TlsProblem, match="is not PKCS#8: `openssl pkcs8"):
        configured_certificate(files.certificate, old)


@pytest.mark.parametrize("content", [None, b"nonsense"])
def test_files_that_cannot_be_read_are_refused(folder: Path, tmp_path: Path, content: bytes | None) -> None:
    files = ensure_certificate(folder, HOSTS)
    if content:
        (tmp_path / "x").write_bytes(content)
    with pytest.raises(TlsProblem, match="cannot be read"):
        configured_certificate(files.certificate, tmp_path / "x")
