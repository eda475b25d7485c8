"""The annex claims nothing that the checks did not show: each clause, each check it rests on, each way to lack one."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from leadcrm.annex.services.clauses import CLAUSES, NEEDED, Clause
from leadcrm.annex.services.judging import Judged, Seen, Verdict, judge
from leadcrm.app import PLUGINS
from leadcrm.core.db import now
from leadcrm.core.doctor.examining import CORE
from leadcrm.core.doctor.report import FAIL, OK, SKIP, WARN

NOW = now()
WORDS = {"nl": "gezien", "en": "seen"}
CASES = [(clause, name) for clause in CLAUSES for name in clause.checks]


def good(at: datetime = NOW) -> dict[str, Seen]:
    return {name: Seen(name, str(OK), WORDS, WORDS, at) for name in NEEDED}


def verdict(clause: Clause, seen: dict[str, Seen]) -> Judged:
    return next(each for each in judge(seen, {}, NOW) if each.clause is clause)


def test_there_are_eighteen_clauses() -> None:
    assert [clause.id for clause in CLAUSES] == [f"A{number}" for number in range(1, 19)]
    assert all(clause.checks and clause.nl_text and clause.en_text for clause in CLAUSES)


def test_each_rests_on_checks_that_exist() -> None:
    known = {check.name for check in CORE} | {check.name for plugin in PLUGINS for check in plugin.checks}
    assert known >= NEEDED


def test_all_seen_is_met() -> None:
    states = {each.clause.id: each.verdict for each in judge(good(), {}, NOW)}
    assert states.pop("A1") == Verdict.ORGANISATIONAL
    assert set(states.values()) == {Verdict.MET}


def test_nothing_seen_is_nothing_met() -> None:
    assert {each.verdict for each in judge({}, {}, NOW)} == {Verdict.NOT_MET}


@pytest.mark.parametrize(("clause", "name"), CASES, ids=lambda value: getattr(value, "id", value))
def test_without_each_check_it_is_not_met(clause: Clause, name: str) -> None:
    """Failed, not seen, missing, too old, or of tomorrow: never met."""
    seen = good()
    for state in (FAIL, SKIP, "nonsense"):
        assert verdict(clause, seen | {name: replace(seen[name], state=str(state))}).verdict == Verdict.NOT_MET
    missing = {key: each for key, each in seen.items() if key != name}
    assert verdict(clause, missing).verdict == Verdict.NOT_MET
    for hours in (-27, 27):
        stale = replace(seen[name], at=NOW + timedelta(hours=hours))
        judged = verdict(clause, seen | {name: stale})
        assert judged.verdict == Verdict.NOT_MET
        assert WORDS not in [each["found"] for each in judged.evidence if each["check"] == name]


@pytest.mark.parametrize(("clause", "name"), CASES, ids=lambda value: getattr(value, "id", value))
def test_a_warning_is_an_exception_by_name(clause: Clause, name: str) -> None:
    seen = good()
    judged = verdict(clause, seen | {name: replace(seen[name], state=str(WARN), found={"nl": "let op", "en": "mind"})})
    assert judged.verdict == Verdict.EXCEPTION and {"nl": "let op", "en": "mind"} in judged.exceptions


def test_what_a_company_chose_is_an_exception() -> None:
    chosen = {"people.second_step": [{"nl": "uit", "en": "off"}]}
    judged = next(each for each in judge(good(), chosen, NOW) if each.clause.id == "A3")
    assert judged.verdict == Verdict.EXCEPTION and judged.exceptions == ({"nl": "uit", "en": "off"},)
