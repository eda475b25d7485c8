"""The parts of the bench that can be wrong without anybody noticing."""

from flask import Flask

from leadcrm.leads.queries.lists import Filters
from tests.bench.browser import changed, form_of
from tests.bench.files import MB, Files, Way
from tests.bench.load import Timing
from tests.bench.pages import Page, Pages
from tests.bench.statements import Compared, Plan, Statement, numbered, of_list
from tests.bench.tables import Results, written
from tests.people import ANN
from tests.world import viewer_of

PAGE = """
<form><input name="q"></form>
<form method="post"><input type="hidden" name="csrf_token" value="abc"><input name="amount" value="1">
<input type="checkbox" name="on" checked value="yes"><input type="checkbox" name="off" value="yes">
<select name="goal"><option value="">-</option><option value="b" selected>B</option></select>
<textarea name="note">two words</textarea><button name="do" value="it">Save</button></form>
"""


def test_a_form_is_read_as_a_browser_would_send_it() -> None:
    form = form_of(PAGE, "amount")
    assert form == [("csrf_token", "abc"), ("amount", "1"), ("on", "yes"), ("goal", "b"), ("note", "two words")]
    assert dict(changed(form, amount=2))["amount"] == "2"


def test_the_statements_of_the_list_are_caught(app: Flask) -> None:
    with app.app_context():
        found = of_list(viewer_of(ANN), Filters())
    assert [statement.name for statement in found] == ["rows and count"]
    assert all(ANN.id in statement.values.values() for statement in found)


def test_parameters_are_numbered_by_name() -> None:
    text, names = numbered("a = %(one)s::UUID AND b > %(two)s AND c = %(one)s::UUID")
    assert text == "a = $1::UUID AND b > $2 AND c = $1::UUID"
    assert names == ["one", "two"]
    assert numbered(Statement("rows", "1", {}).text) == ("1", [])


def test_what_is_missed_is_said() -> None:
    fast, slow = Timing(1.0, 2.0, 1000.0), Timing(15.0, 25.0, 40.0)
    product = [
        Page("list, agent", 50_000, slow, slow), Page("a lead with 5 documents", 1, fast, fast),
        Page("a lead with 500 documents", 1, slow, slow),
    ]  # fmt: skip
    pages = Pages(product, Page("bare Flask page", 50_000, fast, fast))
    plans = [Plan("list, agent", "rows", "generic", 0.1, "ix_leads_lead_company_id_owner_id", "")]
    files = Files(Way("upload", 0.5, 0.3, 3 * MB, MB), Way("download", 1.0, 0.3, 9 * MB, MB), 0.02)
    results = Results(1_000_000, "2026-11-21", pages, {"list, agent": Compared(1.0, 0.8, 0.6)}, plans, files, 2_100.0)
    shown = "\n".join(written(results))
    assert "| list, agent: p95 under 20 ms with one client | 25.00 ms | **missed** |" in shown
    assert "| list, agent: at least 1/20 of the rate of the bare page | 1/25.0 | **missed** |" in shown
    assert "| list, agent: database time under 2 times the bare statement | 1.25 times | reached |" in shown
    assert "| upload: at least half the rate of copy and AES-GCM | 64% | reached |" in shown
    assert "| download: at least half the rate of copy and AES-GCM | 32% | **missed** |" in shown
    assert "| download: memory of a web process above idle | 9.00 MB | **missed** |" in shown
    assert "| a lead with 500 documents: as fast as 5 | 15.00 times | **missed** |" in shown
    assert "| import: at least 2,000 rows a second | 2,100 | reached |" in shown
