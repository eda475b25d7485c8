"""What changed in the configuration since the last start: a line of the trail; secrets only as "changed"."""

import hmac
import re
from importlib.metadata import PackageNotFoundError, version

from sqlalchemy import select

from leadcrm.core import audit
from leadcrm.core.config import Config
from leadcrm.core.crypto import keyring
from leadcrm.core.db import PLATFORM_ID, session
from leadcrm.trail.models import Setting

SECRET = re.compile(r"url|password|secret|token|command|_user$|_sender$|anchor_mail", re.IGNORECASE)
HARMLESS = {"base_url"}


def note_changes(config: Config) -> list[str]:
    """The keys that changed. The first start of an instance has nothing to compare with and is noted as such."""
    known = {row.key: row for row in session.scalars(select(Setting))}
    current = {name: str(value) for name, value in config.model_dump().items()} | {"version": installed()}
    changed = {}
    for name, value in sorted(current.items()):
        kept = fingerprint(name, value) if is_secret(name, value) else value
        row = known.get(name)
        if row is None or row.value != kept:
            changed[name] = _told(name, value, row.value if row else None)
            _keep(row, name, kept)
    if changed:
        audit.note("configuration changed" if known else "first start", company_id=PLATFORM_ID, subject="trail_setting",
                   **({"changes": changed} if known else {}))
    return sorted(changed)


def installed() -> str:
    try:
        return version("leadcrm")
    except PackageNotFoundError:  # run from its source
        return "unknown"


def is_secret(name: str, value: str) -> bool:
    return name not in HARMLESS and (bool(SECRET.search(name)) or "@" in value)


def fingerprint(name: str, value: str) -> str:
    """Keyed: who reads the database cannot try values against it."""
    return "keyed:" + hmac.digest(keyring().derived("settings"), f"{name}={value}".encode(), "sha256").hex()


def _told(name: str, value: str, before: str | None) -> list[str | None] | str:
    return "changed" if is_secret(name, value) or (before or "").startswith("keyed:") else [before, value]


def _keep(row: Setting | None, name: str, kept: str) -> None:
    if row is not None:
        row.value = kept
    else:
        session.add(Setting(company_id=PLATFORM_ID, key=name, value=kept))
