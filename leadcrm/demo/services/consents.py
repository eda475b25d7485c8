"""The lines of the consent ledger that a household brings, and the few that were taken back."""

from datetime import datetime, timedelta
from random import Random
from typing import Any

from leadcrm.demo.services.chance import Deck, between
from leadcrm.demo.services.people import Row, Somebody
from leadcrm.demo.services.pipeline import Standing
from leadcrm.leads.models.terms import ConsentChannel, ConsentPurpose, Stage

CHANNELS = Deck({ConsentChannel.WEBSITE: 55, ConsentChannel.PHONE: 30, ConsentChannel.EMAIL: 15})
WHERE = {
    ConsentChannel.WEBSITE: "Formulier op de website",
    ConsentChannel.PHONE: "Telefoongesprek",
    ConsentChannel.EMAIL: "Antwoord per e-mail",
}
FORM_SAYS_CALL = 0.9  # of the forms on the website ask whether we may call and mail; so did the client
TAKEN_BACK = frozenset({Stage.NOT_INTERESTED, Stage.ENDED})
VERSIONS = ((2026, 7, "2026-2"), (2026, 1, "2026-1"), (2025, 7, "2025-2"), (1, 1, "2025-1"))


def consents(random: Random, who: list[Somebody], base: Row, lead: Row, standing: Standing, now: datetime) -> list[Row]:
    channel = CHANNELS.draw(random)
    given: Row = base | {
        "channel": channel,
        "source": WHERE[channel],
        "given_at": standing.came,
        "text_version": text_version(standing.came),
        "recorded_by": lead["owner_id"] if channel == ConsentChannel.PHONE else None,
    }
    given["updated_at"] = standing.came
    rows = [given | {"person_id": each.row["id"], "purpose": ConsentPurpose.ADVICE} for each in who]
    if channel == ConsentChannel.WEBSITE and Random(f"consent {lead['id']}").random() < FORM_SAYS_CALL:  # noqa: S311
        asked = given | {"purpose": ConsentPurpose.ADVICE, "person_id": who[0].row["id"]}
        rows += [asked | {"channel": each} for each in (ConsentChannel.PHONE, ConsentChannel.EMAIL)]
    first = who[0].row["id"]
    if "label_id" in lead:
        rows.append(given | {"person_id": first, "purpose": ConsentPurpose.SHARING})
    if random.random() < 0.22:
        newsletter = {"person_id": first, "purpose": ConsentPurpose.NEWSLETTER, "channel": ConsentChannel.EMAIL}
        rows.append(given | newsletter)
        if standing.stage in TAKEN_BACK and random.random() < 0.3:
            rows.append(_withdrawn(random, given | newsletter, standing, now))
    return rows


def _withdrawn(random: Random, given: Row, standing: Standing, now: datetime) -> Row:
    later: dict[str, Any] = {"given_at": None, "source": "Afmeldlink in de nieuwsbrief", "recorded_by": None}
    later["withdrawn_at"] = min(now, standing.since + timedelta(days=between(random, 1, 30)))
    later["created_at"] = later["updated_at"] = later["withdrawn_at"]
    return given | later


def text_version(at: datetime) -> str:
    """Which text was shown at that time; a new one each half year."""
    return next(version for year, month, version in VERSIONS if (at.year, at.month) >= (year, month))
