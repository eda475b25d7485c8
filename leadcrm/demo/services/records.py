"""instance/demo.json: who can sign in with what, for people and for automated clients; and what was made, and when.

Written before anything else is made, so that making can be cut short and go on.
"""

import json
import secrets
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from leadcrm.core.fields.dates import OFFICE
from leadcrm.core.files import write_private
from leadcrm.demo.services.credentials import Credentials, credentials_of
from leadcrm.demo.services.households import World
from leadcrm.demo.services.offices import Account, Office, offices, staff
from leadcrm.demo.services.seeding import nhg_limits

FILE = "demo.json"


class RecordProblem(RuntimeError):
    """The file is not what this command wrote; says what to do."""


@dataclass(frozen=True)
class Record:
    seed: str
    at: datetime
    leads: int
    complete: bool = False
    known: dict[str, Credentials] = field(default_factory=dict)  # by e-mail address

    def world(self) -> World:
        return World(self.seed, self.at, nhg_limits())

    @property
    def offices(self) -> tuple[Office, ...]:
        return offices(self.seed)

    @property
    def staff(self) -> tuple[Account, ...]:
        return staff(self.seed)

    @property
    def accounts(self) -> list[Account]:
        """Ann, Meg and Ada first: an agent, her manager, an admin."""
        everybody = [account for office in self.offices for account in office.accounts] + list(self.staff)
        first = (everybody[0], self.offices[0].accounts[-1], self.staff[0])
        return [*first, *(account for account in everybody if account not in first)]


def begin(leads: int) -> Record:
    """A new demonstration, not written anywhere yet."""
    record = Record(secrets.token_hex(8), datetime.now(OFFICE).replace(microsecond=0), leads)
    return replace(record, known={account.email: credentials_of(account) for account in record.accounts})


def read(instance: Path) -> Record | None:
    try:
        content = json.loads((instance / FILE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as problem:
        raise RecordProblem(f"{instance / FILE} cannot be read: {problem}. Restore it, or remove {instance}.") from None
    return _record(content, instance)


def _record(content: Any, instance: Path) -> Record:
    try:
        made = content["made"]
        known = {each["email"]: Credentials(each["password"], each["totp_secret"]) for each in content["accounts"]}
        at = datetime.fromisoformat(made["at"]).astimezone(OFFICE)
        record = Record(str(made["seed"]), at, int(made["leads"]), bool(made["complete"]), known)
    except (KeyError, TypeError, ValueError) as problem:
        raise RecordProblem(f"{instance / FILE} is damaged ({problem!r}). Restore it, or remove {instance}.") from None
    missing = [account.email for account in record.accounts if account.email not in known]
    if missing:
        raise RecordProblem(f"{instance / FILE} lacks {', '.join(missing)}. Restore it, or remove {instance}.")
    return record


def keep(record: Record, instance: Path, base_url: str) -> None:
    """Readable for its owner only: there are passwords in it."""
    content = {
        "base_url": base_url,
        "ca_certificate": str(instance / "tls" / "ca.pem"),
        "accounts": [_written(account, record.known[account.email]) for account in record.accounts],
        "made": {
            "seed": record.seed,
            "at": record.at.isoformat(),
            "leads": record.leads,
            "complete": record.complete,
        },
    }
    write_private(instance / FILE, json.dumps(content, indent=1, ensure_ascii=False) + "\n")


def _written(account: Account, known: Credentials) -> dict[str, str]:
    return {
        "email": account.email,
        "password": known.password,
        "totp_secret": known.totp_secret,
        "role": str(account.role),
        "company": account.company,
        "name": account.name,
    }
