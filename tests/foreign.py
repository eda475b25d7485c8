"""Somebody's whole set of rows, so that others can try every address with them."""

import json
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from flask import Flask
from sqlalchemy import select
from werkzeug.routing import Rule

from leadcrm.core.db import PLATFORM_ID, session
from leadcrm.core.scope import Scope, Viewer, viewing_as
from leadcrm.imports.models import Import
from leadcrm.imports.services.layout import Layout
from leadcrm.leads.forms import SECTIONS
from leadcrm.leads.models.asset import Asset
from leadcrm.leads.models.lead import Lead
from leadcrm.leads.models.source import Label, Source, Supplier
from leadcrm.leads.models.terms import AssetKind
from leadcrm.leads.services import sections
from leadcrm.saved_views.services.keeping import keep
from tests.bulk.factories import a_batch
from tests.checklists.factories import a_rule, an_extra
from tests.collecting.factories import a_link
from tests.custom_fields.factories import a_field
from tests.distribution import canaries as distribution
from tests.documents.factories import a_document, an_upload
from tests.exports.factories import an_export
from tests.followup import factories as followup
from tests.intake.factories import an_intake
from tests.leads.factories import ELS, JAN, a_full_lead, a_lead
from tests.merging.factories import a_merge
from tests.people import ANN, BOB, EVE, Person
from tests.pipelines import factories as pipelines
from tests.tags.factories import a_tag
from tests.world import superuser, viewer_of

OWNERS = (ANN, BOB, EVE)
# What stands in addresses besides ids, and every value that means something there.
KINDS: dict[str, Any] = {"source": Source, "label": Label, "supplier": Supplier}
WORDS = {"section": sorted(SECTIONS), "kind": sorted(KINDS), "name": ["iban"], "token": ["x"], "file": ["x"],
         "source": ["x"],
         "number": ["1"], "page": ["1"], "way": ["earlier"],
         "channel": ["call", "mail"], "deed": ["done", "remove", "reopen"],
         "became": ["held", "no-show", "cancel", "again"],
         "figure": ["funnel", "agents"], "page_name": ["overview"]}  # fmt: skip


@dataclass
class Planted:
    """The ids of one owner's rows, by the name that addresses use; rows of a lead by their section."""

    ids: dict[str, UUID]
    of_section: dict[str, UUID] = field(default_factory=dict)

    def fill(self, rule: Rule, words: dict[str, str]) -> dict[str, Any]:
        known = dict(self.ids)
        if "row_id" in rule.arguments:
            known["row_id"] = self.of_section.get(words.get("section") or words.get("kind") or "consent", uuid4())
        return {name: known[name] for name in rule.arguments if name in known}


def plant(app: Flask, admin_url: str) -> dict[str, Planted]:
    """For each owner a household with a row in every table, an import, a session."""
    planted = {}
    for owner in OWNERS:
        with app.app_context(), viewing_as(viewer_of(owner)):
            planted[owner.name] = _of(owner)
            session.commit()
        with app.app_context(), viewing_as(Viewer(Scope.COMPANY, owner.company_id, owner.id, role="companymanager")):
            planted[owner.name].of_section |= _of_company(owner)
            planted[owner.name].ids["rule_id"] = a_rule(owner.company_id).id
            planted[owner.name].ids |= an_intake(planted[owner.name].of_section["source"], owner.name)
            planted[owner.name].ids["tag_id"] = a_tag(f"Canary tag {owner.name}").id
            planted[owner.name].ids["own_field_id"] = a_field(f"Canary field {owner.name}").id
            planted[owner.name].ids |= pipelines.canaries(owner.name, owner.company_id)
            planted[owner.name].ids |= distribution.of_company(owner)
            session.commit()
        planted[owner.name].ids["session_id"] = _session(owner, admin_url)
        planted[owner.name].ids |= _watched(owner, admin_url) | _annexed(owner, admin_url)
        planted[owner.name].ids |= _carried(owner, admin_url)
        planted[owner.name].ids["news_id"] = _told(owner, admin_url)
        planted[owner.name].ids["glass_id"] = _glass(owner, admin_url)
    return planted


def _of(owner: Person) -> Planted:
    lead = a_full_lead(external_reference=f"Canary {owner.name}")
    brought = Import(company_id=owner.company_id, user_id=owner.id, filename="canary.csv", fingerprint=1,
                     layout=Layout("csv").as_json(), titles=["a"], mapping={})  # fmt: skip
    session.add(brought)
    session.flush()
    made = Planted({"company_id": owner.company_id, "user_id": owner.id, "lead_id": lead.id, "import_id": brought.id,
                    "batch": uuid4()})  # fmt: skip
    made.ids |= {"batch_id": a_batch(owner).id, "export_id": an_export(owner).id}
    made.ids |= {"extra_id": an_extra(lead).id, "link_id": a_link(lead).id, "spool_id": uuid4()}
    made.ids["move_id"] = pipelines.a_move(lead).id
    made.ids |= followup.planted(lead)
    made.ids["handover_id"] = distribution.a_handover(lead, owner).id
    made.ids["view_id"] = keep(f"Canary view {owner.name}", "stage=new", False).id
    made.ids |= {"document_id": a_document(lead).id, "upload_id": an_upload(lead).id}
    made.ids["receipt_id"] = uuid4()  # asked for with a key, not as somebody
    made.ids["removed_id"] = sections.remove(*_of_a_second(lead), "asset").id
    made.ids |= {"other_id": a_lead(ELS).id, "merge_id": a_merge(lead, a_lead(JAN)).id}
    for key, section in SECTIONS.items():
        model: Any = section.model
        if model is not Lead:
            made.of_section[key] = session.scalars(select(model.id).where(model.lead_id == lead.id)).first()
    return made


def _of_a_second(lead: Lead) -> tuple[Lead, Asset]:
    """Something to remove, beside what stays."""
    values = {"kind": AssetKind.SAVINGS, "amount": 1_00}
    return lead, sections.add(lead, Asset, "asset", values, person_id=None)


def _of_company(owner: Person) -> dict[str, UUID]:
    """A source, a label and a supplier, which only managers keep."""
    rows: dict[str, Any] = {
        kind: model(company_id=owner.company_id, name=f"Canary {kind} {owner.name}") for kind, model in KINDS.items()
    }
    rows["source"].key = f"canary-{owner.name}"
    session.add_all(rows.values())
    session.flush()
    return {kind: row.id for kind, row in rows.items()}


def _session(owner: Person, admin_url: str) -> UUID:
    """A closed table: no role of the application writes it, so the superuser does."""
    admin = superuser(admin_url)
    row = admin.execute(
        "INSERT INTO auth_session (company_id, id, user_id, id_hash, auth_level, created_at, last_seen_at, "
        "expires_at, address_prefix, user_agent, user_agent_hash) VALUES (%s, gen_random_uuid(), %s, "
        "gen_random_uuid()::text::bytea, 2, now(), now(), now() + interval '1 hour', '', 'test', '') RETURNING id",
        [owner.company_id, owner.id],
    ).fetchone()
    return UUID(str(row[0])) if row else uuid4()


def _told(owner: Person, admin_url: str) -> UUID:
    """News for the owner; only a definer function adds it."""
    ident = uuid4()
    admin = superuser(admin_url)
    admin.execute(
        "INSERT INTO notifications_news (company_id, id, user_id, at, kind, about, nl, en, url, times) "
        "VALUES (%s, %s, %s, now(), 'test', '', %s, 'Canary', '', 1)",
        [owner.company_id, ident, owner.id, f"Canary news of {owner.name}"],
    )
    return ident


def _carried(owner: Person, admin_url: str) -> dict[str, UUID]:
    """A passkey and a device."""
    ids = {"passkey_id": uuid4(), "device_id": uuid4()}
    admin = superuser(admin_url)
    admin.execute(
        "INSERT INTO auth_passkey (company_id, id, user_id, credential_id, public_key, sign_count, transports, "
        "label, synced, created_at) VALUES (%s, %s, %s, %s, 'x', 0, '', %s, false, now())",
        [owner.company_id, ids["passkey_id"], owner.id, ids["passkey_id"].bytes, f"Canary {owner.name}"],
    )
    admin.execute(
        "INSERT INTO auth_device (company_id, id, user_id, token_hash, notice_hash, name, address_prefix, "
        "first_seen_at, last_seen_at) VALUES (%s, %s, %s, %s, %s, %s, '', now(), now())",
        [owner.company_id, ids["device_id"], owner.id, ids["device_id"].bytes, ids["device_id"].bytes,
         f"Canary {owner.name}"],
    )  # fmt: skip
    return ids


def _watched(owner: Person, admin_url: str) -> dict[str, UUID]:
    """An incident and an alert of the company; jobs and definer functions add them, so the superuser does."""
    ids = {"incident_id": uuid4(), "notice_id": uuid4()}
    admin = superuser(admin_url)
    admin.execute(
        "INSERT INTO watch_incident (company_id, id, pattern, about, first_at, last_at, failures, accounts, "
        "networks, wider, told) VALUES (%s, %s, 'spraying', %s, now(), now(), 1, 1, 1, false, 1)",
        [owner.company_id, ids["incident_id"], f"Network of {owner.name}/24"],
    )
    admin.execute(
        "INSERT INTO core_notice (company_id, id, at, kind, about, nl, en, url, times) "
        "VALUES (%s, %s, now(), 'test', %s, 'Canary', 'Canary', '', 1)",
        [owner.company_id, ids["notice_id"], owner.name],
    )
    return ids


def _annexed(owner: Person, admin_url: str) -> dict[str, UUID]:
    """A dated version of the company's annex, and a supplier of the platform."""
    ids = {"version_id": uuid4(), "supplier_id": uuid4()}
    content = {
        "company": f"Office of {owner.name}", "made_at": "2026-01-01T00:00:00+00:00", "clauses": [], "suppliers": [],
    }  # fmt: skip
    admin = superuser(admin_url)
    admin.execute(
        "INSERT INTO annex_version (company_id, id, number, made_at, content, digest) "
        "VALUES (%s, %s, (SELECT 1 + count(*) FROM annex_version), now(), %s, '')",
        [owner.company_id, ids["version_id"], json.dumps(content)],
    )
    admin.execute(
        "INSERT INTO annex_supplier (company_id, id, name, service, country, created_at, updated_at) "
        "VALUES (%s, %s, %s, 'x', 'NL', now(), now())",
        [PLATFORM_ID, ids["supplier_id"], f"Partner of {owner.name}"],
    )
    return ids


def _glass(owner: Person, admin_url: str) -> UUID:
    """An admin looked into the owner's company; ended long ago."""
    ident = uuid4()
    admin = superuser(admin_url)
    admin.execute(
        "INSERT INTO auth_glass (company_id, id, user_id, session_id, name, email, reason, minutes, reveals, "
        "started_at, ends_at, ended_at) VALUES (%s, %s, %s, gen_random_uuid(), 'Ada', 'ada@example.org', %s, '15', "
        "false, now() - interval '1 day', now() - interval '1 day' + interval '15 minutes', now())",
        [owner.company_id, ident, owner.id, f"Canary glass {owner.name}, long ago"],
    )
    return ident
