"""Files in a bucket: against a real object store (swift.py), and what it says that one cannot be made to say."""

import os
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from uuid import UUID, uuid4

import obstore
import pytest
from flask import Flask
from obstore.store import S3Store

from leadcrm.core import blobs
from leadcrm.core.blobs import Blob, Tampered, places, spool, sweeping
from leadcrm.core.blobs.problems import StorageAway, StorageFull
from leadcrm.core.blobs.s3 import S3, Bucket
from leadcrm.core.config import ConfigProblem, load
from leadcrm.core.db import session
from leadcrm.core.doctor import stored
from leadcrm.core.doctor.report import FAIL, OK
from leadcrm.core.doctor.subject import Subject
from leadcrm.core.jobs import maintenance, run_worker
from leadcrm.core.keys.files import KeyProblem
from leadcrm.core.postgres.urls import Urls
from leadcrm.core.tls import ensure_certificate
from tests.core.blobs import swift
from tests.core.blobs.conftest import As
from tests.people import ANN

SIZE = 900_000


def nobody_listens() -> str:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return f"https://localhost:{taken.getsockname()[1]}"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[swift.Swift]:
    if sentence := swift.missing():
        pytest.fail(sentence) if os.environ.get("CI") == "true" else pytest.skip(sentence)
    with swift.running(tmp_path_factory.mktemp("swift")) as running:
        yield running


@pytest.fixture
def bucket(store: swift.Swift, tmp_path: Path) -> Bucket:
    secret = tmp_path / "secret"
    secret.touch(mode=0o600)
    secret.write_text(f"{store.secret}\n")
    return Bucket(store.endpoint, swift.BUCKET, "us-east-1", store.key_id, secret, f"{uuid4()}/", store.ca_file)


@pytest.fixture
def in_bucket(app: Flask, worker_app: Flask, folder: Path, bucket: Bucket) -> S3:
    """Both applications keep their files there."""
    configured = {
        "s3_endpoint": bucket.endpoint, "s3_bucket": bucket.name, "s3_prefix": bucket.prefix,
        "s3_key_id": bucket.key_id, "s3_secret_file": bucket.secret_file, "s3_ca_file": bucket.ca_file,
    }  # fmt: skip
    for each in (app, worker_app):
        each.extensions["config"] = each.extensions["config"].model_copy(update=configured)
        places.start(each)
    backend = app.extensions["blobs"]
    assert isinstance(backend, S3)
    return backend


@pytest.fixture
def raw(bucket: Bucket) -> S3Store:
    """Somebody who has the bucket, and no key of ours."""
    return S3Store(
        bucket.name, endpoint=bucket.endpoint, region="us-east-1", access_key_id=bucket.key_id,
        secret_access_key=bucket.secret, virtual_hosted_style_request=False,
        client_options={"root_certificate": bucket.ca_file.read_bytes() if bucket.ca_file else b""},
    )  # fmt: skip


def test_a_file_goes_there_and_comes_back(acting: As, in_bucket: S3, raw: S3Store, folder: Path) -> None:
    content = b"a payslip " * (SIZE // 10)
    with acting(ANN):
        ident = blobs.keep(BytesIO(content)).id
    with acting(ANN):
        blob = session.get(Blob, ident)
        assert b"".join(blobs.read(blob)) == content
        assert b"".join(blobs.read(blob, 65_000, 400_001)) == content[65_000:400_001]
    there = bytes(obstore.get(raw, in_bucket.place(ident)).bytes())
    assert b"payslip" not in there and len(there) > SIZE
    assert not [path for path in folder.rglob("*") if path.is_file()]


def test_an_upload_in_pieces_goes_there(acting: As, in_bucket: S3) -> None:
    content = os.urandom(SIZE)
    with acting(ANN):
        ident = spool.begin(SIZE)
    for start in range(0, SIZE, 300_000):
        with acting(ANN):
            spool.append(ident, start, BytesIO(content[start : start + 300_000]))
    with acting(ANN):
        spool.finish(ident)
        session.rollback()  # refused after it was moved
    with acting(ANN):
        blob = spool.finish(ident)
        assert (blob.digest, b"".join(blobs.read(blob))) == (sha256(content).digest(), content)


def test_what_goes_and_what_is_swept(
    acting: As, in_bucket: S3, app: Flask, worker_app: Flask, urls: Urls, raw: S3Store
) -> None:
    with acting(ANN):
        stays, goes, refused = (blobs.keep(BytesIO(bytes(10))).id for _ in range(3))
        session.expunge(session.get(Blob, refused))
    with acting(ANN):
        session.delete(session.get(Blob, refused))
        blobs.doom(session.get(Blob, goes))
    run_worker(worker_app, urls.worker, wait=False)
    obstore.put(raw, f"{in_bucket.place(stays)}.txt", b"not ours")
    assert {found.id for found in in_bucket.listed()} == {stays, refused}
    with worker_app.app_context(), maintenance("a test sweeps"):
        assert sweeping.sweep_now().orphans == 1
    assert {found.id for found in in_bucket.listed()} == {stays}


def change(raw: S3Store, key: str, how: Callable[[bytes], bytes]) -> None:
    obstore.put(raw, key, how(bytes(obstore.get(raw, key).bytes())))


def test_what_was_changed_there_is_not_read(acting: As, in_bucket: S3, raw: S3Store) -> None:
    with acting(ANN):
        ident, other = (blobs.keep(BytesIO(os.urandom(SIZE))).id for _ in range(2))
    key = in_bucket.place(ident)
    original = bytes(obstore.get(raw, key).bytes())
    foreign = bytes(obstore.get(raw, in_bucket.place(other)).bytes())
    middle = SIZE // 2
    for changed in (original[:-1], original[:70_000], b"", original + b"x", foreign,
                    original[:middle] + bytes([original[middle] ^ 1]) + original[middle + 1 :]):  # fmt: skip
        obstore.put(raw, key, changed)
        with acting(ANN), pytest.raises(Tampered):
            b"".join(blobs.read(session.get(Blob, ident)))
    obstore.delete(raw, key)
    with acting(ANN), pytest.raises(Tampered):
        blobs.read(session.get(Blob, ident))


def test_a_store_that_is_away_or_not_ours_is_told_apart_from_loss(bucket: Bucket, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong"
    wrong.write_text("x" * 64)
    ensure_certificate(tmp_path / "other", ["localhost"])
    file = tmp_path / "file"
    for broken in (
        replace(bucket, secret_file=wrong),
        replace(bucket, ca_file=tmp_path / "other" / "ca.pem"),
        replace(bucket, endpoint=nobody_listens()),
    ):
        backend = S3(broken, retries=0)
        file.write_bytes(bytes(1000))
        for question in (lambda b=backend: b.take(uuid4(), file), lambda b=backend: b.open(uuid4(), 0, 10),
                         lambda b=backend: b.has(uuid4()), lambda b=backend: b.remove(uuid4()),
                         lambda b=backend: list(b.listed())):  # fmt: skip
            with pytest.raises(StorageAway) as told:
                question()
            assert bucket.key_id not in str(told.value)
        assert file.exists()


def test_the_doctor_asks_the_store(in_bucket: S3, worker_app: Flask, bucket: Bucket) -> None:
    subject = Subject(worker_app.extensions["config"], worker_app)
    with worker_app.app_context():
        assert stored.place(subject).state == OK
        away = replace(bucket, endpoint=nobody_listens())
        worker_app.extensions["blobs"] = S3(away, retries=0)
        assert stored.place(subject).state == FAIL


# ── what Swift does not say: a server that says it ──


class Says(BaseHTTPRequestHandler):
    status, body, length = 200, b"", 0
    asked: list[tuple[str, str | None]]

    def answer(self) -> None:
        left = int(self.headers.get("Content-Length") or 0)
        while left:
            left -= len(self.rfile.read(min(left, 65_536)))
        type(self).asked.append((self.command, self.headers.get("If-None-Match")))
        self.send_response(200 if self.command == "HEAD" else self.status)
        self.send_header("Content-Length", str(self.length if self.command == "HEAD" else len(self.body)))
        self.send_header("Last-Modified", "Sat, 21 Nov 2026 09:00:00 GMT")
        self.send_header("ETag", '"x"')
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(self.body)

    do_GET = do_PUT = do_HEAD = answer

    def log_message(self, *_arguments: object) -> None: ...


@pytest.fixture
def saying(tmp_path: Path) -> Iterator[Bucket]:
    Says.asked = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Says)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    files = ensure_certificate(tmp_path / "tls", ["localhost"])
    tls.load_cert_chain(files.certificate, files.key)
    server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    (tmp_path / "secret").write_text("secret")
    yield Bucket(f"https://localhost:{server.server_port}", "files", "x", "key", tmp_path / "secret",
                 ca_file=tmp_path / "tls" / "ca.pem")  # fmt: skip
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(
    ("status", "body", "raised"),
    [(507, b"", StorageFull), (403, b"<Code>QuotaExceeded</Code>", StorageFull), (403, b"", StorageAway),
     (500, b"", StorageAway), (412, b"", StorageAway)],
)  # fmt: skip
def test_a_file_that_is_not_taken_stays(
    saying: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, status: int, body: bytes, raised: type[Exception]
) -> None:
    monkeypatch.setattr(Says, "status", status)
    monkeypatch.setattr(Says, "body", body)
    file = tmp_path / "file"
    file.write_bytes(bytes(300_000))
    with pytest.raises(raised):
        S3(saying, retries=0).take(uuid4(), file)
    assert file.exists()
    assert Says.asked[0] == ("PUT", "*")  # never over another


def test_an_answer_that_got_lost_is_no_failure(
    saying: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Says, "status", 412)
    monkeypatch.setattr(Says, "length", 1000)
    file = tmp_path / "file"
    file.write_bytes(bytes(1000))
    S3(saying, retries=0).take(uuid4(), file)
    assert not file.exists()


def test_a_bucket_that_strangers_may_list_is_found(
    saying: Bucket, worker_app: Flask, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    backend = S3(saying, retries=0)
    monkeypatch.setattr(Says, "body", b'<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"/>')
    assert backend.open_to_strangers()
    subject = Subject(worker_app.extensions["config"], worker_app)
    with worker_app.app_context():
        monkeypatch.setitem(worker_app.extensions, "blobs", backend)
        assert stored.place(subject).state == FAIL


def test_its_settings_go_together_and_its_secret_is_private(tmp_path: Path) -> None:
    with pytest.raises(ConfigProblem, match="go together"):
        load(tmp_path, {}, s3_bucket="files")
    with pytest.raises(ConfigProblem, match="https"):
        load(tmp_path, {}, s3_endpoint="http://localhost")
    secret = tmp_path / "secret"
    secret.write_text("x")
    secret.chmod(0o644)
    config = load(tmp_path, {}, s3_bucket="f", s3_endpoint="https://s3.example", s3_key_id="k", s3_secret_file=secret)
    with pytest.raises(KeyProblem, match="chmod 600"):
        places.made(config)
    secret.chmod(0o600)
    assert isinstance(places.made(config), S3)
    assert UUID(int=0).hex[:2] in S3.place(places.made(config), UUID(int=0))  # type: ignore[arg-type]  # it is one
