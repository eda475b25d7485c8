"""The settings fit the machine."""

from pathlib import Path

import pytest

from leadcrm.core.postgres import Embedded
from leadcrm.core.postgres.settings import MIB, machine_memory, server_settings
from tests.core.postgres.processes import ask

GIB = 1024 * MIB


@pytest.mark.parametrize(
    ("memory", "shared_buffers", "work_mem"),
    [(GIB // 4, "32MB", "4MB"), (4 * GIB, "512MB", "8MB"), (24 * GIB, "3072MB", "48MB"), (512 * GIB, "4096MB", "64MB")],
)
def test_memory(memory: int, shared_buffers: str, work_mem: str) -> None:
    settings = server_settings(Path("/run"), "test", memory, 100 * GIB, durable=True)
    assert (settings["shared_buffers"], settings["work_mem"]) == (shared_buffers, work_mem)


def test_a_small_disk_gets_a_small_log() -> None:
    small, big = (server_settings(Path("/"), "", GIB, disk, durable=True) for disk in (20 * GIB, 200 * GIB))
    assert (small["max_wal_size"], big["max_wal_size"]) == ("1024MB", "4096MB")


def test_the_machine_has_some_memory() -> None:
    assert 64 * MIB < machine_memory() < 1 << 50


def test_what_the_server_runs_with(embedded: Embedded) -> None:
    embedded.durable = True
    embedded.ensure_running()
    wanted = {
        "fsync": "on",
        "synchronous_commit": "on",
        "full_page_writes": "on",
        "jit": "off",
        "max_connections": "100",
        "TimeZone": "UTC",
        "server_encoding": "UTF8",
        "password_encryption": "scram-sha-256",
        "log_statement": "none",
        "unix_socket_permissions": "0700",
    }
    found = dict(ask(embedded.admin_url(), "SELECT name, setting FROM pg_settings"))
    assert {name: found[name] for name in wanted} == wanted
    locale = "SELECT DISTINCT datlocprovider::text, datlocale FROM pg_database"
    assert ask(embedded.admin_url(), locale) == [("b", "C.UTF-8")]


def test_tests_may_do_without_durability(shared_embedded: Embedded) -> None:
    assert ask(shared_embedded.admin_url(), "SHOW fsync") == [("off",)]
