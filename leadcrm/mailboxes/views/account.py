"""One page: the settings, whether they work, a test mail."""

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from leadcrm.core.db import session
from leadcrm.core.fields.dates import Moment
from leadcrm.core.forms import Form
from leadcrm.core.scope import signed_in_viewer
from leadcrm.core.web import PluginBlueprint, render
from leadcrm.mailboxes.models import Account, Security
from leadcrm.mailboxes.permissions import Mailboxes
from leadcrm.mailboxes.services import accounts

bp = PluginBlueprint("mailboxes", "leadcrm.mailboxes")
FIELDS = ("sender", "sender_name", "host", "security", "port", "username", "password")
WHERE = ("host", "port", "security", "username")  # who gets the password


def words_for(problem: str) -> str:
    """What went wrong and what to do about it."""
    return str({
        "not_allowed": _("This server is not a public mail server. Check its name and port (587 or 465)."),
        "unknown_host": _("There is no server with this name. Check how it is written."),
        "certificate": _("The server's certificate is not valid for this name, so nothing was sent. Check the name, or "
                         "ask your mail provider."),
        "tls": _("The server does not offer this security on this port. Try the other one: STARTTLS with 587, TLS "
                 "with 465."),
        "password": _("The server does not accept this user name and password. Type them again; some providers want a "
                      "separate password for programs."),
        "sender": _("The server does not let this account send from this address. Check the sender address."),
        "recipient": _("The server does not accept your own address as recipient. Check it in your account."),
        "no_answer": _("The server does not answer. Check its name and port, and try again later."),
    }.get(problem, _("The server refused the mail. Ask your mail provider why.")))


def account_page(form: Form | None = None) -> str:
    account = accounts.mine()
    return render(
        "mailboxes/account.html", account=account, form=form or fresh_form(account), moment=Moment().show,
        problem=words_for(account.problem) if account and account.problem else "", me=signed_in_viewer().email,
    )


def fresh_form(account: Account | None) -> Form:
    form = Form(Account, FIELDS, required=() if account else ("password",))
    if account is not None:
        return form.fill(account)
    form.port.value, form.security.value = "587", str(Security.STARTTLS)
    return form


@bp.get("/", permission=Mailboxes.MANAGE, step_up=True)
def show_account() -> ResponseReturnValue:
    return account_page()


@bp.post("/", permission=Mailboxes.MANAGE, step_up=True)
def save_account() -> ResponseReturnValue:
    form, account = Form(Account, FIELDS), accounts.mine()
    if form.read(request.form) and _password_is_missing(form, account):
        form.refuse("password", _("Type the password. It is asked again whenever server or user name change."))
    if not form.valid:
        return account_page(form), 422
    password = form.values.pop("password")
    account = account or Account(company_id=signed_in_viewer().company_id)
    form.apply(account)
    accounts.keep(account, password)
    flash(_("Saved. Send a test mail to see whether it works; until then mail leaves as before."), "success")
    return redirect(url_for("mailboxes.show_account"), 303)


def _password_is_missing(form: Form, account: Account | None) -> bool:
    elsewhere = account is None or any(form.values[name] != getattr(account, name) for name in WHERE)
    return elsewhere and form.values["password"] is None


@bp.post("/test", permission=Mailboxes.MANAGE, step_up=True)
def send_test() -> ResponseReturnValue:
    account = accounts.mine()
    if account is None:
        abort(404)
    me = signed_in_viewer()
    trial = accounts.try_out(
        account, me.email, _("Test mail of leadcrm"),
        _("This mail left through the mail account of %(company)s. It works.", company=me.company_name),
    )
    if trial.went_well:
        flash(_("The test mail has left for %(address)s. Mail of your company now leaves through this account.",
                address=me.email), "success")
    else:
        flash(words_for(trial.problem or ""), "danger")
    session.flush()
    return redirect(url_for("mailboxes.show_account"), 303)


@bp.post("/remove", permission=Mailboxes.MANAGE, step_up=True)
def remove_account() -> ResponseReturnValue:
    account = accounts.mine()
    if account is None:
        abort(404)
    accounts.remove(account)
    flash(_("The mail account is removed. Mail of your company leaves as the platform's."), "success")
    return redirect(url_for("mailboxes.show_account"), 303)
