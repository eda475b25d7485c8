"""How leads are distributed: on or off, the rules in their order, and what waits."""

from typing import Any
from uuid import UUID

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import func, select

from leadcrm.auth.models.people import User
from leadcrm.core.db import now, session
from leadcrm.core.fields.dates import OFFICE
from leadcrm.core.forms import Form
from leadcrm.core.paging import capped_count
from leadcrm.core.scope import signed_in_viewer
from leadcrm.core.web import render
from leadcrm.distribution.models.claim import Waiting
from leadcrm.distribution.models.handover import Handover
from leadcrm.distribution.models.profile import Profile
from leadcrm.distribution.models.rule import Setting
from leadcrm.distribution.models.terms import HandoverState
from leadcrm.distribution.permissions import Distribution
from leadcrm.distribution.services import eligible, setting_up
from leadcrm.distribution.services.hours import public_holidays
from leadcrm.distribution.views import words
from leadcrm.distribution.views.routes import bp
from leadcrm.leads.models.source import Label, Source

SETTING = ("active", "claim_minutes", "most_offers")


def setting_form() -> Form:
    return Form(Setting, SETTING)


@bp.get("/", permission=Distribution.MANAGE)
def overview() -> ResponseReturnValue:
    setting = setting_up.setting_of(signed_in_viewer().company_id)
    return page(setting, setting_form().fill(setting))


def page(setting: Setting, form: Form, status: int = 200) -> ResponseReturnValue:
    company_id = signed_in_viewer().company_id
    rules = setting_up.all_rules(company_id)
    names = names_of_rows(rules)
    return render(
        "distribution/overview.html", setting=setting, form=form,
        rules=[(rule, words.about(rule, names)) for rule in rules],
        taking_part=taking_part(company_id), waiting=capped_count(session, select(Waiting.id)),
        handovers=capped_count(session, select(Handover.id).where(Handover.state == HandoverState.WAITING)),
        holidays=public_holidays(now().astimezone(OFFICE).year), last=len(rules),
    ), status  # fmt: skip


def names_of_rows(rules: Any) -> dict[str, str]:
    """Labels, sources and agents that rules name."""
    named = words.names_of(each for rule in rules for each in rule.agent_ids)
    if any(rule.label_ids for rule in rules):
        named |= {str(ident): name for ident, name in session.execute(select(Label.id, Label.name))}
    if any(rule.source_ids for rule in rules):
        named |= {str(ident): name for ident, name in session.execute(select(Source.id, Source.name))}
    return named


def taking_part(company_id: UUID) -> int:
    able = eligible.able(company_id).with_only_columns(User.id)
    counted = select(func.count()).select_from(Profile).where(Profile.takes_part, Profile.user_id.in_(able))
    return session.scalar(counted) or 0


@bp.post("/setting", permission=Distribution.MANAGE)
def save_setting() -> ResponseReturnValue:
    setting, form = setting_up.setting_of(signed_in_viewer().company_id), setting_form()
    if not form.read(request.form):
        return page(setting, form, 422)
    setting_up.save_setting(setting, form.values)
    flash(_("Saved."), "success")
    return redirect(url_for(".overview"), 303)


