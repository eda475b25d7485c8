"""The annex on a real database: measured, kept as versions that nobody can change, shown to whom it concerns."""

import json
from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import select

from leadcrm.annex import checks, commands
from leadcrm.annex.models import Dispatch, Supplier, Version
from leadcrm.annex.services import documents, measuring
from leadcrm.annex.services.clauses import NEEDED
from leadcrm.auth import checks as of_people
from leadcrm.auth.models.people import Company, User
from leadcrm.core import audit, paper
from leadcrm.core.config import Config
from leadcrm.core.db import PLATFORM_ID, now, session
from leadcrm.core.doctor.report import FAIL, OK, WARN, Check, Exempt, Finding, Group, Outcome, State, finding
from leadcrm.core.doctor.subject import Subject
from leadcrm.core.jobs import maintenance
from tests.people import ADA, ANN, ELSEWHERE, HOME, MEG, Person
from tests.world import Browser

SECRET_OF_HOME = "only for the Hypotheekhoek"


def made(name: str, state: State = OK, exempt: tuple[Exempt, ...] = ()) -> Finding:
    return finding(Check(name, f"Check {name}", Group.WEB, lambda _subject: Outcome(OK, "")),
                   Outcome(state, f"found {name}", exempt=exempt))  # fmt: skip


def measured(app: Flask, *other: Finding) -> None:
    """Everything good, but for these."""
    names = NEEDED - {each.name for each in other}
    with app.app_context(), maintenance("tests measure"):
        measuring.keep([*(made(name) for name in sorted(names)), *other])


@pytest.fixture
def kept(worker_app: Flask) -> UUID:
    """A version of Ann's and Meg's company."""
    measured(worker_app)
    with worker_app.app_context(), maintenance("tests keep"):
        return documents.keep(session.get(Company, HOME)).id


def contents(app: Flask, company: UUID) -> dict[str, str]:
    with app.app_context(), maintenance("tests look"):
        return {each["id"]: each["state"] for each in documents.current(session.get(Company, company))["clauses"]}


def test_a_check_that_is_not_run_any_more_is_missing(worker_app: Flask) -> None:
    measured(worker_app)
    assert contents(worker_app, HOME)["A15"] == "met"
    with worker_app.app_context(), maintenance("tests measure"):
        measuring.keep([made("web.tls")])
    assert contents(worker_app, HOME)["A15"] == "not_met"


def test_an_exception_is_told_to_its_company_and_the_platform_only(
    worker_app: Flask, client_as: Callable[[Person], Browser]
) -> None:
    measured(worker_app, made("people.second_step", exempt=(Exempt(HOME, SECRET_OF_HOME),)))
    assert contents(worker_app, HOME)["A3"] == contents(worker_app, PLATFORM_ID)["A3"] == "exception"
    assert contents(worker_app, ELSEWHERE)["A3"] == "met"
    page = client_as(ADA).get("/annex/").text
    assert SECRET_OF_HOME in page and "De Hypotheekhoek: " in page
    assert SECRET_OF_HOME in client_as(MEG).get("/annex/").text
    assert SECRET_OF_HOME not in client_as(ADA).get(f"/annex/?company={ELSEWHERE}").text


def test_every_clause_is_on_the_page(worker_app: Flask, client_as: Callable[[Person], Browser]) -> None:
    measured(worker_app, made("web.headers", FAIL))
    page = client_as(MEG).get("/annex/").text
    assert all(f'id="A{number}"' in page for number in range(1, 19))
    assert "Niet aangetoond" in page and "found web.headers" in page


def test_a_manager_sees_no_other_company(client_as: Callable[[Person], Browser]) -> None:
    assert client_as(MEG).get(f"/annex/?company={ELSEWHERE}").status_code == 404
    assert client_as(MEG).get("/annex/?company=nonsense").status_code == 404
    assert client_as(ANN).get("/annex/").status_code == 403


# ── versions ──


def test_a_version_is_for_good(worker_app: Flask, kept: UUID, admin_url: str) -> None:
    with psycopg.connect(admin_url, autocommit=True) as admin:
        for statement in ("UPDATE annex_version SET number = 9", "DELETE FROM annex_version",
                          "TRUNCATE annex_version CASCADE"):  # fmt: skip
            with pytest.raises(psycopg.errors.RaiseException, match="never changed"):
                admin.execute(statement)  # type: ignore[arg-type]


def test_contents_that_were_changed_do_not_fit_their_digest(
    worker_app: Flask, kept: UUID, admin_url: str, client_as: Callable[[Person], Browser]
) -> None:
    assert "controlegetal" not in client_as(MEG).get(f"/annex/versions/{kept}").text
    with psycopg.connect(admin_url, autocommit=True) as admin:
        admin.execute("SET session_replication_role = replica")
        admin.execute("UPDATE annex_version SET content = jsonb_set(content, '{company}', '\"Another\"')")
    assert "controlegetal" in client_as(MEG).get(f"/annex/versions/{kept}").text


def test_a_version_is_downloaded_as_it_was_kept(kept: UUID, client_as: Callable[[Person], Browser]) -> None:
    meg = client_as(MEG)
    data = meg.get(f"/annex/versions/{kept}/data")
    assert json.loads(data.data)["company"] == "De Hypotheekhoek"
    assert sha256(data.data).hexdigest() in meg.get(f"/annex/versions/{kept}").text
    pdf = meg.get(f"/annex/versions/{kept}/pdf")
    assert pdf.data.startswith(b"%PDF") and "attachment" in pdf.headers["Content-Disposition"]


def test_without_its_library_there_is_no_pdf_but_a_word(
    kept: UUID, client_as: Callable[[Person], Browser], monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(_name: str) -> None:
        raise OSError("cannot load library 'libpango-1.0-0'")

    monkeypatch.setattr(paper, "resolve_name", missing)
    assert client_as(MEG).get(f"/annex/versions/{kept}/pdf").status_code == 303


@pytest.mark.parametrize(
    ("given", "name"), [(["--pdf"], f"annex-nl-{now():%Y-%m-%d}.pdf"), (["--pdf", "ours.pdf"], "ours.pdf")]
)
def test_the_command_writes_a_pdf(
    worker_app: Flask, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, given: list[str], name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(commands, "examine_app", lambda _app, _config: [made(each) for each in sorted(NEEDED)])
    with worker_app.app_context():
        done = CliRunner().invoke(commands.annex, ["--lang", "nl", *given])
    assert done.output == f"Written to {name}.\n"
    assert (tmp_path / name).read_bytes().startswith(b"%PDF")


def test_the_pdf_fetches_nothing() -> None:
    with pytest.raises(ValueError, match="not fetched"):
        paper._fetch_nothing("file:///etc/passwd")


def test_an_admin_keeps_versions_and_sees_what_changed(
    worker_app: Flask, client_as: Callable[[Person], Browser], app: Flask
) -> None:
    ada = client_as(ADA)
    measured(worker_app)
    assert ada.send("/annex/keep", {"company": str(HOME)}).status_code == 303
    measured(worker_app, made("web.headers", FAIL), made("software.packages", WARN))
    page = ada.send("/annex/keep", {"company": str(HOME)}, follow_redirects=True).text
    assert "A15: Nagekomen → Niet aangetoond" in page and "A18: Nagekomen → Nagekomen, met uitzondering" in page
    with worker_app.app_context(), maintenance("tests look"):
        assert [each.number for each in session.scalars(select(Version).order_by(Version.number))] == [1, 2]
        actions = session.scalars(select(audit.AuditLine.action).where(audit.AuditLine.company_id == HOME)).all()
    assert actions.count("annex kept") == 2


def test_it_is_sent_to_the_managers(worker_app: Flask, kept: UUID, client_as: Callable[[Person], Browser]) -> None:
    with worker_app.app_context(), maintenance("tests let Meg join"):
        session.get(User, MEG.id).joined_at = now()
    answer = client_as(ADA).send(f"/annex/versions/{kept}/send", follow_redirects=True)
    assert MEG.email in answer.text
    with worker_app.app_context(), maintenance("tests look"):
        assert session.scalars(select(Dispatch.recipient)).all() == [MEG.email]
        session.get(User, MEG.id).joined_at = None


@pytest.mark.parametrize("path", ["/annex/keep", "/annex/measure", "/annex/suppliers/new"])
def test_a_manager_only_reads(client_as: Callable[[Person], Browser], path: str) -> None:
    assert client_as(MEG).send(path).status_code == 403


# ── suppliers, and the checks on them ──

HOSTING = {"name": "Hoster BV", "service": "Servers", "country": "NL", "certificate": "ISO 27001", "contract": "C-1",
           "valid_until": "31-12-2040"}  # fmt: skip


def outcome(app: Flask, look: Callable[[Subject], Outcome]) -> Outcome:
    with app.app_context(), maintenance("tests examine"):
        return look(Subject(app.extensions["config"], app))


def test_hosting_is_shown_by_papers_only(worker_app: Flask, client_as: Callable[[Person], Browser]) -> None:
    assert outcome(worker_app, checks.hosting).state == FAIL
    ada = client_as(ADA)
    assert ada.send("/annex/suppliers/new", HOSTING | {"country": "US"}).status_code == 422
    assert ada.send("/annex/suppliers/new", HOSTING).status_code == 303
    assert outcome(worker_app, checks.hosting).state == OK
    for name, value, state in (
        ("valid_until", now().date() - timedelta(days=1), FAIL),
        ("valid_until", now().date() + timedelta(days=3), WARN),
        ("valid_until", None, FAIL), ("certificate", None, FAIL), ("contract", None, FAIL), ("country", "US", FAIL),
    ):  # fmt: skip
        with worker_app.app_context(), maintenance("tests change the register"):
            row = session.scalars(select(Supplier)).one()
            before = getattr(row, name)
            setattr(row, name, value)
        assert outcome(worker_app, checks.hosting).state == state, name
        with worker_app.app_context(), maintenance("tests mend the register"):
            setattr(session.scalars(select(Supplier)).one(), name, before)


def test_the_register_is_kept_by_admins_and_read_by_managers(client_as: Callable[[Person], Browser]) -> None:
    ada = client_as(ADA)
    ada.send("/annex/suppliers/new", HOSTING)
    assert "Hoster BV" in client_as(MEG).get("/annex/suppliers").text
    page = ada.get("/annex/suppliers").text
    ident = next(part[:36] for part in page.split("/annex/suppliers/") if len(part) > 36 and part[8] == "-")
    assert ada.send(f"/annex/suppliers/{ident}", HOSTING | {"name": "Hoster NV"}).status_code == 303
    assert ada.get(f"/annex/suppliers/{ident}").status_code == 200
    assert ada.send(f"/annex/suppliers/{ident}/remove").status_code == 303
    assert "Hoster" not in client_as(MEG).get("/annex/suppliers").text


def test_updates_are_recorded_and_grow_old(worker_app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    assert outcome(worker_app, checks.updates).state == WARN
    with worker_app.app_context(), maintenance("tests update"):
        audit.note(checks.UPDATED, company_id=PLATFORM_ID, subject="system", note="apt upgrade")
    assert outcome(worker_app, checks.updates).state == OK
    monkeypatch.setattr(checks, "now", lambda: now() + timedelta(days=93))
    assert outcome(worker_app, checks.updates).state == FAIL


# ── the checks on people ──


def test_a_company_that_switched_the_second_step_off_is_named(worker_app: Flask) -> None:
    assert outcome(worker_app, of_people.second_step).exempt == ()
    with worker_app.app_context(), maintenance("tests switch off"):
        session.get(Company, HOME).totp_required = False
    assert [each.company_id for each in outcome(worker_app, of_people.second_step).exempt] == [HOME]
    with worker_app.app_context(), maintenance("tests switch on"):
        session.get(Company, HOME).totp_required = True


def test_people_without_what_they_should_have(worker_app: Flask, config: Config) -> None:
    with worker_app.app_context(), maintenance("tests sign in"):
        ann, ada = session.get(User, ANN.id), session.get(User, ADA.id)
        ann.joined_at = ada.joined_at = now()
        ann.second_factor_at = ada.second_factor_at = None  # whatever a test before this one gave them
        ann.last_sign_in_at = now() - timedelta(days=200)
    try:
        assert outcome(worker_app, of_people.enrolled).state == FAIL
        assert outcome(worker_app, of_people.forgotten).state == WARN
        assert outcome(worker_app, of_people.roles).state == OK
    finally:
        with worker_app.app_context(), maintenance("tests mend"):
            ann, ada = session.get(User, ANN.id), session.get(User, ADA.id)
            ann.joined_at = ada.joined_at = ann.last_sign_in_at = None
    assert outcome(worker_app, of_people.roles).state == FAIL  # nobody is an administrator any more
    assert of_people.sessions(Subject(config)).state == OK
    assert of_people.sessions(Subject(config.model_copy(update={"session_hours": 24}))).state == WARN
