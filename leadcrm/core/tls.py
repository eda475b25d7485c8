"""The server's certificate: the configured one, or one from a small authority of this instance's own.

The own authority may sign for the configured hosts only (name constraints), so a browser that is told to trust it
trusts it for nothing else.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address, ip_network
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from leadcrm.core.files import private_folder, write_private
from leadcrm.core.locks import locked

AUTHORITY_DAYS = 1825
CERTIFICATE_DAYS = 90
RENEW_DAYS_BEFORE = 30
PKCS8 = b"-----BEGIN PRIVATE KEY-----"


class TlsProblem(RuntimeError):
    """The certificate or its key cannot be used; says what to do."""


@dataclass(frozen=True)
class TlsFiles:
    certificate: Path
    key: Path


def ensure_certificate(folder: Path, hosts: Iterable[str]) -> TlsFiles:
    """A certificate for these hosts, made or renewed when there is none, it ends within a month or it names others."""
    private_folder(folder)
    files = TlsFiles(folder / "server.pem", folder / "server.key")
    names = _names(hosts)
    with locked(folder / "lock"):
        if not _serves(files, folder / "ca.pem", names):
            authority, key = _authority(folder, names)
            _issue(files, authority, key, names)
    return files


def configured_certificate(certificate: Path, key: Path) -> TlsFiles:
    """The administrator's own. Refuses what the server could not load, with the command that mends it."""
    try:
        public = x509.load_pem_x509_certificate(certificate.read_bytes()).public_key()
        secret = key.read_bytes()
        private = load_pem_private_key(secret, password=None)
    except (OSError, ValueError, TypeError) as problem:
        raise TlsProblem(f"tls_certificate or tls_key cannot be read: {problem}") from problem
    if private.public_key() != public:
        raise TlsProblem(f"{key} is not the key of {certificate}")
    if not secret.lstrip().startswith(PKCS8):
        raise TlsProblem(f"{key} is not PKCS#8: `openssl pkcs8 -topk8 -nocrypt -in {key} -out new.key`")
    return TlsFiles(certificate, key)


def days_left(certificate: Path) -> float:
    end = x509.load_pem_x509_certificate(certificate.read_bytes()).not_valid_after_utc
    return (end - datetime.now(UTC)) / timedelta(days=1)


def _names(hosts: Iterable[str]) -> list[x509.GeneralName]:
    return [_name(host.strip("[]")) for host in hosts]


def _name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host.encode("idna").decode())


def _serves(files: TlsFiles, authority: Path, names: list[x509.GeneralName]) -> bool:
    if not (files.certificate.exists() and files.key.exists() and authority.exists()):
        return False
    if min(days_left(files.certificate), days_left(authority)) < RENEW_DAYS_BEFORE:
        return False
    certificate = x509.load_pem_x509_certificate(files.certificate.read_bytes())
    signed_by = x509.load_pem_x509_certificate(authority.read_bytes())
    return _named_in(certificate) == set(names) and _is_signed_by(certificate, signed_by)


def _named_in(certificate: x509.Certificate) -> set[x509.GeneralName]:
    return set(certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value)


def _is_signed_by(certificate: x509.Certificate, authority: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(authority)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


# ── the authority ──


def _authority(folder: Path, names: list[x509.GeneralName]) -> tuple[x509.Certificate, EllipticCurvePrivateKey]:
    """The one there is, as long as it outlives a new certificate and may sign for these names."""
    file, key_file = folder / "ca.pem", folder / "ca.key"
    if file.exists() and key_file.exists():
        authority = x509.load_pem_x509_certificate(file.read_bytes())
        if days_left(file) > CERTIFICATE_DAYS + RENEW_DAYS_BEFORE and _permitted(authority) == _constraints(names):
            return authority, _load_key(key_file)
    key = generate_private_key(SECP256R1())
    authority = _new_authority(key, names)
    _save(TlsFiles(file, key_file), authority, key)
    return authority, key


def _new_authority(key: EllipticCurvePrivateKey, names: list[x509.GeneralName]) -> x509.Certificate:
    subject = _subject("leadcrm instance authority")
    return (
        _builder(subject, subject, key, AUTHORITY_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs=True), critical=True)
        .add_extension(_constraints(names), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, SHA256())
    )


def _constraints(names: list[x509.GeneralName]) -> x509.NameConstraints:
    networks = [x509.IPAddress(ip_network(name.value)) if isinstance(name, x509.IPAddress) else name for name in names]
    return x509.NameConstraints(permitted_subtrees=networks, excluded_subtrees=None)


def _permitted(authority: x509.Certificate) -> x509.NameConstraints:
    return authority.extensions.get_extension_for_class(x509.NameConstraints).value


# ── the certificate ──


def _issue(
    files: TlsFiles, authority: x509.Certificate, authority_key: EllipticCurvePrivateKey, names: list[x509.GeneralName]
) -> None:
    key = generate_private_key(SECP256R1())
    issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key())
    certificate = (
        _builder(_subject("leadcrm"), authority.subject, key, CERTIFICATE_DAYS)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(issuer, critical=False)
        .sign(authority_key, SHA256())
    )
    _save(files, certificate, key)


def _builder(subject: x509.Name, issuer: x509.Name, key: EllipticCurvePrivateKey, days: int) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))  # a client's clock may be a little behind
        .not_valid_after(now + timedelta(days=days))
    )


def _subject(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs, key_cert_sign=signs, crl_sign=signs, content_commitment=False,
        key_encipherment=False, data_encipherment=False, key_agreement=False, encipher_only=False, decipher_only=False,
    )  # fmt: skip


def _load_key(file: Path) -> EllipticCurvePrivateKey:
    key = load_pem_private_key(file.read_bytes(), password=None)
    if not isinstance(key, EllipticCurvePrivateKey):
        raise TlsProblem(f"{file} is not ours: remove the folder {file.parent}, it is made anew")
    return key


def _save(files: TlsFiles, certificate: x509.Certificate, key: EllipticCurvePrivateKey) -> None:
    write_private(files.key, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode())
    write_private(files.certificate, certificate.public_bytes(Encoding.PEM).decode())
