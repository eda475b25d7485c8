"""A real object store for the tests: OpenStack Swift with its S3 API, as Debian packages it (python3-swift).

One disk, one replica, its four servers in one process on the loopback, TLS with a certificate of our own authority. Not
a mock: it is the software that hosting partners run, in its smallest arrangement.
"""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from leadcrm.core.tls import ensure_certificate

BUCKET = "files"
PYTHON = "/usr/bin/python3"  # Debian's own: its packages are not in ours
RUN = """
import sys
import eventlet.wsgi
from swift.common import utils
from swift.common.http_protocol import SwiftHttpProtocol
from swift.common.internal_client import InternalClient
from swift.common.ring import RingBuilder
from swift.common.storage_policy import reload_storage_policies
from swift.common.wsgi import init_request_processor

folder, bucket = sys.argv[1:]
utils.eventlet_monkey_patch()
utils.SWIFT_CONF_FILE = folder + "/swift.conf"
utils.validate_hash_conf()
listening = {name: eventlet.listen(("127.0.0.1", 0)) for name in ("account", "container", "object", "proxy")}
for name in ("account", "container", "object"):
    builder, port = RingBuilder(4, 1, 1), listening[name].getsockname()[1]
    builder.add_dev({"id": 0, "region": 1, "zone": 1, "weight": 1, "ip": "127.0.0.1", "port": port, "device": "disk"})
    builder.rebalance(seed="1")
    builder.get_ring().save(f"{folder}/{name}.ring.gz")
reload_storage_policies()
proxy = listening["proxy"].getsockname()[1]
for name, socket in listening.items():
    app, _conf, logger, _log_name = init_request_processor(f"{folder}/{name}-server.conf", f"{name}-server")
    if name == "proxy":
        socket = eventlet.wrap_ssl(socket, server_side=True, certfile=folder + "/tls/server.pem",
                                   keyfile=folder + "/tls/server.key")
    last = eventlet.spawn(eventlet.wsgi.server, socket, app, logger, protocol=SwiftHttpProtocol)
InternalClient(folder + "/internal.conf", "tests", 3).create_container("AUTH_office", bucket)
print(proxy, flush=True)
last.wait()
"""
SERVER = """
[DEFAULT]
swift_dir = {folder}
devices = {folder}/devices
mount_check = false
fallocate_reserve = 0
log_level = ERROR
"""
STORING = """
[pipeline:main]
pipeline = {name}-server
[app:{name}-server]
use = egg:swift#{name}
"""
PROXY = """
[pipeline:main]
pipeline = catch_errors cache s3api tempauth copy slo dlo proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:cache]
use = egg:swift#memcache
memcache_servers = 127.0.0.1:1
[filter:s3api]
use = egg:swift#s3api
location = us-east-1
[filter:tempauth]
use = egg:swift#tempauth
user_office_leadcrm = {secret} .admin
[filter:copy]
use = egg:swift#copy
[filter:slo]
use = egg:swift#slo
[filter:dlo]
use = egg:swift#dlo
"""
INTERNAL = """
[pipeline:main]
pipeline = proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
"""
PARTS = {"account": STORING, "container": STORING, "object": STORING, "proxy": PROXY}


@dataclass(frozen=True)
class Swift:
    endpoint: str
    key_id: str
    secret: str
    ca_file: Path


def missing() -> str:
    """Why it cannot run here; empty when it can."""
    if Path(PYTHON).exists() and subprocess.run([PYTHON, "-c", "import swift"], capture_output=True).returncode == 0:
        return ""
    return "no S3 store to test with: apt-get install python3-swift"


@contextmanager
def running(folder: Path) -> Iterator[Swift]:
    secret = sha256(str(folder).encode()).hexdigest()
    ensure_certificate(folder / "tls", ["localhost"])
    (folder / "devices" / "disk").mkdir(parents=True)
    (folder / "swift.conf").write_text("[swift-hash]\nswift_hash_path_suffix = tests\n")
    (folder / "internal.conf").write_text((SERVER + INTERNAL).format(folder=folder))
    for name, part in PARTS.items():
        known = {"folder": folder, "name": name, "secret": secret}
        (folder / f"{name}-server.conf").write_text((SERVER + part).format(**known))
    log = (folder / "log").open("wb")
    with log, subprocess.Popen([PYTHON, "-c", RUN, folder, BUCKET], stdout=subprocess.PIPE, stderr=log) as server:
        try:
            assert server.stdout is not None
            port = server.stdout.readline().decode().strip()
            assert port, (folder / "log").read_text()[-2000:]
            yield Swift(f"https://localhost:{port}", "office:leadcrm", secret, folder / "tls" / "ca.pem")
        finally:
            server.kill()
