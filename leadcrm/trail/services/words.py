"""The trail in words of an office: what was done, to what, and what changed. Unknown words are shown as they are."""

import json
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext

from leadcrm.core.audit import AuditLine
from leadcrm.core.db import Base
from leadcrm.core.fields.facts import Facts, facts_of

ACTIONS: dict[str, Any] = {
    "created": lazy_gettext("added"),
    "changed": lazy_gettext("changed"),
    "deleted": lazy_gettext("removed"),
    "created in bulk": lazy_gettext("added many at once"),
    "bulk.begun": lazy_gettext("began an action for many leads"),
    "bulk.undone": lazy_gettext("undid an action for many leads"),
    "exports.asked": lazy_gettext("asked for an export"),
    "exports.made": lazy_gettext("export made"),
    "exports.downloaded": lazy_gettext("downloaded an export"),
    "revealed": lazy_gettext("looked at hidden values"),
    "signed in": lazy_gettext("signed in"),
    "signed out elsewhere": lazy_gettext("signed out other devices"),
    "signed out by another": lazy_gettext("signed somebody out"),
    "signed out by maintenance": lazy_gettext("was signed out from the command line"),
    "second factor confirmed": lazy_gettext("set up the second step"),
    "second factor reset": lazy_gettext("reset the second step of somebody"),
    "password link made": lazy_gettext("made a password link"),
    "password set by link": lazy_gettext("chose a password by link"),
    "password changed": lazy_gettext("changed the password"),
    "renamed": lazy_gettext("changed their name"),
    "received": lazy_gettext("sent a file to import"),
    "imported": lazy_gettext("imported leads"),
    "import_undone": lazy_gettext("undid an import"),
    "thrown_away": lazy_gettext("threw an import away"),
    "downloaded": lazy_gettext("downloaded"),
    "summaries.printed": lazy_gettext("printed a summary"),
    "merging.merged": lazy_gettext("merged another lead into it"),
    "merging.undone": lazy_gettext("took merged leads apart again"),
    "exported": lazy_gettext("downloaded a list"),
    "keys exported": lazy_gettext("took out the keys of the trail"),
    "refused": lazy_gettext("was refused access"),
    "refused many times": lazy_gettext("was refused many more times"),
    "anchored": lazy_gettext("the trail was anchored"),
    "configuration changed": lazy_gettext("the configuration changed"),
    "first start": lazy_gettext("the instance started for the first time"),
    "address list changed": lazy_gettext("changed an address list"),
    "address lists opened": lazy_gettext("opened address lists in an emergency"),
    "app removed": lazy_gettext("removed an authenticator app"),
    "company signed out": lazy_gettext("signed a whole company out"),
    "copied cookie": lazy_gettext("a copied session was ended"),
    "device forgotten": lazy_gettext("forgot a device"),
    "devices forgotten by another": lazy_gettext("forgot the devices of somebody"),
    "everything ended by its owner": lazy_gettext("ended every session and device of their own"),
    "glass broken": lazy_gettext("broke the glass"),
    "glass broken: may reveal": lazy_gettext("broke the glass, hidden values included"),
    "glass mended": lazy_gettext("ended the access behind the glass"),
    "seen behind glass": lazy_gettext("looked at a lead behind the glass"),
    "new device": lazy_gettext("signed in with a new device"),
    "passkey added": lazy_gettext("added a passkey"),
    "passkey removed": lazy_gettext("removed a passkey"),
    "password brought in": lazy_gettext("brought a password in from elsewhere"),
    "password link asked": lazy_gettext("asked for a password link"),
    "recovery code used": lazy_gettext("used a recovery code"),
    "recovery codes made": lazy_gettext("made recovery codes"),
    "session ended by another": lazy_gettext("ended a session of somebody"),
    "session ended": lazy_gettext("ended a session"),
    "stepped up": lazy_gettext("confirmed who they are"),
    "mail password set": lazy_gettext("set the password of a mail account"),
    "mail account tried": lazy_gettext("tried a mail account"),
    "mail account failed": lazy_gettext("tried a mail account, which failed"),
    "annex kept": lazy_gettext("kept a version of the security annex"),
    "annex sent": lazy_gettext("sent the security annex"),
    "forgotten": lazy_gettext("what was kept long enough was removed"),
    "document downloaded": lazy_gettext("downloaded a document"),
    "document page seen": lazy_gettext("looked at a page of a document"),
    "thumbnail seen": lazy_gettext("saw the small picture of a document"),
    "document packed": lazy_gettext("downloaded a document with all others of a lead"),
    "document moved": lazy_gettext("moved a document to another lead"),
    "approached without consent": lazy_gettext("approached a client without consent"),
    "calendar feed made": lazy_gettext("made an address for a calendar"),
    "calendar feed revoked": lazy_gettext("withdrew the address for a calendar"),
    "client link made": lazy_gettext("made a personal link for a client"),
    "client code renewed": lazy_gettext("gave a client another code"),
    "client came in": lazy_gettext("a client came in through a personal link"),
    "client delivered": lazy_gettext("a client delivered a file"),
    "virus found": lazy_gettext("a virus was found"),
    "distribution.assigned": lazy_gettext("assigned by a rule"),
    "distribution.claimed": lazy_gettext("took a lead up"),
    "distribution.declined": lazy_gettext("did not accept a lead"),
    "distribution.handed_back": lazy_gettext("a lead was not taken up in time"),
    "distribution.hand_over_asked": lazy_gettext("asked to hand a lead over"),
    "distribution.accepted": lazy_gettext("accepted a lead"),
    "distribution.withdrawn": lazy_gettext("withdrew a hand-over"),
    "numbers hidden": lazy_gettext("citizen service numbers were made unreadable"),
    "tags.put": lazy_gettext("put a tag on"),
    "tags.taken": lazy_gettext("took a tag off"),
    "tags.put many": lazy_gettext("put tags on many leads"),
    "tags.taken many": lazy_gettext("took tags off many leads"),
    "intake.key made": lazy_gettext("made a key for a lead source"),
    "intake.taken in": lazy_gettext("took in what arrived"),
    "intake.looked at": lazy_gettext("looked at what arrived"),
    "intake.released": lazy_gettext("released what arrived"),
    "intake.set aside": lazy_gettext("set aside what arrived"),
    "intake.taken back": lazy_gettext("put what arrived back in quarantine"),
    "intake.tried again": lazy_gettext("had what arrived judged anew"),
    "intake.newsletter confirmed": lazy_gettext("a newsletter was confirmed by mail"),
    "intake.consent text": lazy_gettext("changed the text of a consent"),
    "intake.mailbox failed": lazy_gettext("a mailbox could not be read"),
    "intake.mailbox password set": lazy_gettext("set the password of a mailbox"),
}
SUBJECTS: dict[str, Any] = {
    "auth_company": lazy_gettext("company"),
    "auth_user": lazy_gettext("user"),
    "auth_grant": lazy_gettext("extra right"),
    "auth_session": lazy_gettext("session"),
    "auth_failed_login": lazy_gettext("failed logins"),
    "auth_device": lazy_gettext("device"),
    "auth_passkey": lazy_gettext("passkey"),
    "auth_recovery_code": lazy_gettext("recovery codes"),
    "auth_link": lazy_gettext("password link"),
    "auth_glass": lazy_gettext("access behind the glass"),
    "mailboxes_account": lazy_gettext("mail account"),
    "annex_version": lazy_gettext("security annex"),
    "annex_dispatch": lazy_gettext("security annex"),
    "annex_supplier": lazy_gettext("supplier of the platform"),
    "core_company_key": lazy_gettext("encryption key"),
    "addresses_range": lazy_gettext("address list"),
    "watch_incident": lazy_gettext("incident"),
    "core_audit_line": lazy_gettext("audit trail"),
    "core_audit_head": lazy_gettext("audit trail"),
    "core_limit": lazy_gettext("limits"),
    "trail_setting": lazy_gettext("configuration"),
    "documents_document": lazy_gettext("document"),
    "documents_version": lazy_gettext("version of a document"),
    "checklists_rule": lazy_gettext("line of the checklist"),
    "checklists_said": lazy_gettext("verdict on a paper"),
    "collecting_link": lazy_gettext("personal link of a client"),
    "followup_feed": lazy_gettext("address for a calendar"),
    "distribution_setting": lazy_gettext("settings of the distribution"),
    "distribution_rule": lazy_gettext("rule of the distribution"),
    "distribution_profile": lazy_gettext("profile in the distribution"),
    "distribution_absence": lazy_gettext("days away"),
    "distribution_claim": lazy_gettext("assignment"),
    "distribution_handover": lazy_gettext("hand-over"),
    "imports_import": lazy_gettext("import"),
    "tags_tag": lazy_gettext("tag"),
    "tags_put": lazy_gettext("tags of leads"),
    "custom_fields_definition": lazy_gettext("own field"),
    "pipelines_pipeline": lazy_gettext("pipeline"),
    "pipelines_step": lazy_gettext("step of a pipeline"),
    "pipelines_reason": lazy_gettext("reason to close a lead"),
    "saved_views_view": lazy_gettext("view of the list"),
    "bulk_batch": lazy_gettext("action for many leads"),
    "exports_export": lazy_gettext("export"),
    "exports_rule": lazy_gettext("rule for exports"),
    "leads_lead": lazy_gettext("lead"),
    "leads_person": lazy_gettext("person of a lead"),
    "leads_income": lazy_gettext("income"),
    "leads_obligation": lazy_gettext("obligation"),
    "leads_asset": lazy_gettext("asset"),
    "leads_property": lazy_gettext("property"),
    "leads_wish": lazy_gettext("mortgage wish"),
    "leads_existing_mortgage": lazy_gettext("existing mortgage"),
    "leads_loan_part": lazy_gettext("part of a mortgage"),
    "leads_consent": lazy_gettext("consent"),
    "leads_source": lazy_gettext("source"),
    "leads_label": lazy_gettext("label"),
    "leads_supplier": lazy_gettext("supplier"),
    "intake_inlet": lazy_gettext("settings of a source that delivers"),
    "intake_key": lazy_gettext("key of a lead source"),
    "intake_mailbox": lazy_gettext("mailbox of a lead source"),
    "intake_form": lazy_gettext("web form"),
    "intake_arrival": lazy_gettext("what arrived"),
    "figures_chance": lazy_gettext("chance of a stage"),
}
MOST_DETAILS = 8


def action_of(action: str) -> str:
    return str(ACTIONS.get(action, action))


def subject_of(subject: str) -> str:
    """A table by its word. The name of a page (of who was refused one) says nothing to a manager."""
    return str(SUBJECTS.get(subject, "" if "." in subject else subject.partition("_")[2].replace("_", " ")))


def told(line: AuditLine) -> list[str]:
    """What changed, at most a few; personal values stand beside the trail and are never shown here."""
    details: dict[str, Any] = json.loads(line.body)["details"]
    known = _facts(line.subject)
    said = [_one(known.get(name), name, value) for name, value in details.items()]
    return [each for each in said if each][:MOST_DETAILS]


def _facts(table: str) -> dict[str, Facts]:
    models = (mapper.class_ for mapper in Base.registry.mappers if mapper.class_.__tablename__ == table)
    return next((facts_of(model) for model in models), {})


def _one(facts: Facts | None, name: str, value: Any) -> str:
    if facts is not None:
        return _change(facts, value)
    if name == "fields":
        return ", ".join(value)
    if name in ("rows", "lines", "leads", "sessions", "failures", "number", "chains"):
        return str(_("number: %(value)s", value=value))
    if name == "changes":
        return "; ".join(f"{key}: {_pair(change)}" for key, change in value.items())
    return ""


def _change(facts: Facts, value: Any) -> str:
    if isinstance(value, dict):
        return str(_("%(field)s (shielded)", field=facts.label))
    if isinstance(value, list) and len(value) == 2:
        return f"{facts.label}: {_shown(facts, value[0])} → {_shown(facts, value[1])}"
    return facts.label


def _shown(facts: Facts, text: str | None) -> str:
    if text is None:
        return "–"
    try:
        return facts.kind.show(facts.kind.load(text)) if facts.kind else text
    except ValueError:  # a value of a list that no longer knows it
        return text


def _pair(change: Any) -> str:
    if isinstance(change, list):
        return " → ".join("–" if each is None else str(each) for each in change)
    return str(_("changed (secret)"))


def fields_of(line: AuditLine) -> list[str]:
    """The labels of revealed fields."""
    names = json.loads(line.body)["details"].get("fields", [])
    known = _facts(line.subject)
    return [known[name].label if name in known else name for name in names]
