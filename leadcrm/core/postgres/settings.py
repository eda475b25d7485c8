"""The server's settings, sized to the machine."""

import os
from pathlib import Path

MIB = 1024 * 1024
UNLIMITED = 1 << 60


def server_settings(sockets: Path, label: str, memory: int, disk: int, durable: bool) -> dict[str, str]:
    """`memory` and `disk` in bytes. Given on the command line: nothing is written into the data folder."""
    return {
        "listen_addresses": "",
        "port": "5432",
        "unix_socket_directories": str(sockets),
        "unix_socket_permissions": "0700",
        "cluster_name": label,
        "max_connections": "100",
        "timezone": "UTC",
        "jit": "off",
        **_sizes(memory, disk),
        **_durability(durable),
        **QUIET_LOG,
    }


# Neither statements nor values of rows may reach the log: they are personal data.
QUIET_LOG = {
    "logging_collector": "off",
    "log_destination": "stderr",
    "log_line_prefix": "%m [%p] ",
    "log_timezone": "UTC",
    "log_statement": "none",
    "log_min_duration_statement": "-1",
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_error_verbosity": "terse",
    "log_checkpoints": "off",
    "log_autovacuum_min_duration": "-1",
}


def machine_memory() -> int:
    """Bytes that we may use: the machine's, or less in a container."""
    physical = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    limits = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))
    return min(physical, *(_limit(file) for file in limits))


def _limit(file: Path) -> int:
    try:
        return int(file.read_text())
    except (OSError, ValueError):  # absent, or "max"
        return UNLIMITED


def _sizes(memory: int, disk: int) -> dict[str, str]:
    wal = 4096 if disk > 40 * 1024 * MIB else 1024
    return {
        "shared_buffers": _share(memory, 8, 32, 4096),
        "effective_cache_size": _share(memory, 2, 64, 1 << 20),
        "work_mem": _share(memory, 512, 4, 64),
        "maintenance_work_mem": _share(memory, 32, 32, 1024),
        "max_wal_size": f"{wal}MB",
        "checkpoint_timeout": "15min",
        # Whole pages follow each checkpoint. Compressing them cost as much processor as half an import, for a log that
        # is 1.7 times as large; since ids of many rows are in order (core/ids.py) it is no larger than before.
        "wal_compression": "off",
        "random_page_cost": "1.1",
    }


def _share(memory: int, part: int, at_least: int, at_most: int) -> str:
    return f"{max(at_least, min(at_most, memory // part // MIB))}MB"


def _durability(durable: bool) -> dict[str, str]:
    """Tests may lose their data when the machine dies, and are a good deal faster for it."""
    if durable:
        return {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
    return {
        "fsync": "off",
        "full_page_writes": "off",
        "wal_level": "minimal",
        "max_wal_senders": "0",  # `minimal` asks for it
        "shared_buffers": "128MB",
        "max_wal_size": "1024MB",
    }
