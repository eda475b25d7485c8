"""documented.toml says what the code does: every figure and name in it is compared."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from leadcrm.auth.services import attempts, guessable
from leadcrm.auth.services.factors import passkeys
from leadcrm.bulk.views import asking
from leadcrm.core import security
from leadcrm.core.config import Config
from leadcrm.core.crypto import KEY_BYTES
from leadcrm.core.db import Base
from leadcrm.core.doctor import software
from leadcrm.core.fields.facts import Category, Facts, facts_of
from leadcrm.imports.services import layout
from leadcrm.inspection.parsing import limits as of_files
from leadcrm.inspection.parsing import packages
from leadcrm.inspection.services.kinds import Kind
from leadcrm.leads.models.person import Person
from leadcrm.leads.permissions import Leads
from leadcrm.leads.services import rules
from leadcrm.leads.views import wish
from tests.asvs.test_source import SOURCES, lines

SAID: dict[str, Any] = tomllib.loads((Path(__file__).parent / "documented.toml").read_text())


def written(limits: list[Any]) -> set[tuple[int, int]]:
    return {(item.amount, item.get_expiry()) for item in limits}


@pytest.mark.asvs("V6.1.1")
@pytest.mark.parametrize(
    ("name", "limits"),
    [
        ("password_account_and_network", attempts.PASSWORD_BOTH),
        ("password_account", attempts.PASSWORD_ACCOUNT),
        ("password_network", attempts.PASSWORD_NETWORK),
        ("password_everybody", attempts.PASSWORD_ALL),
        ("code_account", attempts.CODE_ACCOUNT),
        ("reset_account", attempts.RESET_ACCOUNT),
    ],
)
def test_limits_on_attempts(name: str, limits: list[Any]) -> None:
    assert written(attempts.parse_many(SAID["attempts"][name])) == written(limits)


@pytest.mark.asvs("V6.1.3", "V6.3.4")
def test_ways_to_become_somebody(whole_app: Flask) -> None:
    """Every public form of the sign-in plugin is one of the ways, or one of those that open nothing."""
    nothing = {"auth.sign_out", "auth.end_everything", "auth.passkey_to_sign_in", "auth.passkey_to_enrol"}
    public = {
        rule.endpoint for rule in whole_app.url_map.iter_rules()
        if rule.endpoint.startswith("auth.") and "POST" in (rule.methods or ())
        and getattr(whole_app.view_functions[rule.endpoint], "permission", "") == "public"
    }  # fmt: skip
    assert {way.partition(":")[0] for way in SAID["pathways"]["ways"]} == public - nothing


@pytest.mark.asvs("V7.1.1", "V7.1.2")
def test_lives_of_sessions() -> None:
    config, said = Config(), SAID["sessions"]
    assert (config.session_idle_minutes, config.session_hours) == (said["idle_minutes"], said["hours"])
    assert (config.admin_idle_minutes, config.admin_session_hours) == (said["admin_idle_minutes"], said["admin_hours"])
    assert config.session_turn_minutes == said["turn_minutes"] and said["parallel"]


@pytest.mark.asvs("V2.1.3", "V2.3.2")
def test_limits_of_the_business() -> None:
    said = SAID["limits"]
    assert (said["leads_changed_at_once"], said["leads_chosen_by_hand"]) == (asking.AT_ONCE, asking.MOST_BY_HAND)
    assert said["loan_parts"] == wish.MOST_PARTS
    assert said["form_bytes"] == security.LARGEST_FORM
    assert f"= {said['passkeys']}" in Path(passkeys.__file__).read_text()


@pytest.mark.asvs("V5.1.1")
def test_limits_of_uploads() -> None:
    said = SAID["uploads"]
    assert (said["bytes"], said["rows"]) == (layout.MOST_BYTES, layout.MOST_ROWS)
    assert (said["columns"], said["cells"]) == (layout.MOST_COLUMNS, layout.MOST_CELLS)
    assert said["formats"] == [layout.CSV, layout.XLSX]


@pytest.mark.asvs("V5.1.1")
def test_limits_of_documents() -> None:
    said = SAID["documents"]
    assert said["formats"] == [str(kind) for kind in Kind]
    assert said["bytes"] == Config().max_file_mb * of_files.MIB
    assert (said["unpacked"], said["parts"]) == (packages.MOST_UNPACKED, packages.MOST_PARTS)
    assert (said["pages"], said["pixels"]) == (of_files.MOST_PAGES, of_files.MOST_PIXELS)


@pytest.mark.asvs("V2.1.2")
def test_rules_between_fields() -> None:
    """Every rule is in the document, under the field that it tells of, and nothing else is."""
    found = {name.lstrip("_"): fields for name, fields in told_by(Path(rules.__file__)) if fields}
    amounts = {"parts_problem": {"amounts"}}  # told of the whole form
    assert {name: set(said) for name, said in SAID["combined"].items()} == found | amounts
    assert callable(rules.parts_problem) and {rule.__name__ for rule in rules.RULES.values()} <= {
        f"_{name}" for name in SAID["combined"]
    }


def told_by(source: Path) -> Iterator[tuple[str, set[str]]]:
    """The functions of a file with the fields of which they yield a problem."""
    for function in ast.walk(ast.parse(source.read_text())):
        if isinstance(function, ast.FunctionDef):
            pairs = [node.value for node in ast.walk(function) if isinstance(node, ast.Yield)]
            first = [pair.elts[0] for pair in pairs if isinstance(pair, ast.Tuple)]
            yield function.name, {str(name.value) for name in first if isinstance(name, ast.Constant)}


@pytest.mark.asvs("V14.1.2")
def test_levels_of_protection() -> None:
    """The levels of the document are those that columns have."""
    columns = [column for mapper in Base.registry.mappers for column in mapper.columns]
    found = {level_of(column.info["facts"]) for column in columns}
    assert found == {level.partition(":")[0] for level in SAID["protection"]["levels"]}


def level_of(facts: Facts) -> str:
    if facts.sensitive:
        return "sensitive"
    return "technical" if facts.category == Category.TECHNICAL else "personal"


@pytest.mark.asvs("V6.1.2")
def test_words_of_the_context() -> None:
    assert set(SAID["passwords"]["words"]) <= guessable.WORDS


@pytest.mark.asvs("V8.1.2")
def test_fields_with_a_right_of_their_own() -> None:
    assert SAID["fields"]["revealed_by"] == str(Leads.REVEAL)
    assert {name for name, facts in facts_of(Person).items() if facts.sensitive} == {"birth_date", "iban"}


@pytest.mark.asvs("V11.1.1", "V11.1.2")
def test_what_is_derived_from_keys() -> None:
    """Every purpose in the source is in the inventory, and every key has 256 bits."""
    found = set()
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text())):
            asked = isinstance(node, ast.Call) and ast.unparse(node.func).endswith(".derived") and node.args
            if asked and isinstance(node, ast.Call) and isinstance(node.args[0], ast.Constant):
                found.add(node.args[0].value)
    assert found == set(SAID["keys"]["purposes"])
    assert KEY_BYTES * 8 == 256 and SAID["keys"]["rotation"]


@pytest.mark.asvs("V15.1.1")
def test_how_soon_updates_come() -> None:
    said = SAID["updates"]
    assert said["security_days"] <= 30 and said["other_days"] == software.QUARTER_DAYS


@pytest.mark.asvs("V15.1.3")
def test_what_takes_long_is_held() -> None:
    assert Config().statement_timeout_ms == SAID["costly"]["statement_timeout_ms"]


@pytest.mark.asvs("V16.1.1")
def test_the_inventory_of_logs() -> None:
    names = {match for line in lines(SOURCES, r"getLogger\(") for match in re.findall(r'getLogger\("([\w.]+)"', line)}
    assert names and {name.partition(".")[0] for name in names} <= set(SAID["logs"]["loggers"]) | {
        "alembic",
        "procrastinate",
    }
    assert f"{Config().failed_login_days} days" in SAID["logs"]["failed_logins"]
