"""Every key that a page answers to stands in the overview of shortcuts, which is made of what the page declares."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

import leadcrm
from tests.people import MEG, Person
from tests.world import Browser

ClientAs = Callable[[Person], Browser]
SOURCE = Path(leadcrm.__file__).parent
SCRIPTS = ["pipelines/static/pipelines/board.js", "followup/static/followup/every_page/followup.js"]


def answered_to(script: str) -> set[str]:
    """Read from the source: `event.key === "u"`, tables of keys, and with Shift those of the table that it reads."""
    text = (SOURCE / script).read_text()
    found = set(re.findall(r'event\.key === "([^"]+)"', text))
    for table in re.findall(r"const keys = \{(.*?)\n  \};", text, re.S):
        found |= set(re.findall(r"^\s+(\w+):", table, re.M))
    for table in re.findall(r"const way = \{(.*?)\}\[event\.key\]", text):
        found |= {f"Shift+{key}" for key in re.findall(r"(\w+):", table)}
    return found


def declared(page: str) -> set[str]:
    return {key for keys in re.findall(r'data-key="([^"]+)"', page) for key in keys.split()}


def test_the_board_declares_what_its_script_answers_to(client_as: ClientAs) -> None:
    page = client_as(MEG).get("/pipelines/board").text
    answered = answered_to(SCRIPTS[0])
    assert {"m", "u", "Shift+ArrowLeft", "ArrowDown"} <= answered
    assert declared(page) == answered


@pytest.mark.parametrize("script", [each.relative_to(SOURCE).as_posix() for each in SOURCE.glob("*/static/*/**/*.js")])
def test_no_script_of_a_plugin_answers_to_keys_that_it_does_not_declare(script: str) -> None:
    """The keys inside a box that is open (Escape, Enter, arrows) are everybody's."""
    if script == SCRIPTS[0] or script.startswith("core/"):
        return
    assert answered_to(script) <= {"ArrowDown", "ArrowUp", "Enter", "Escape"}, script


@pytest.mark.parametrize("path", ["/calendar", "/calendar/day", "/pipelines/board", "/today", "/leads/"])
def test_what_declares_a_key_has_words_for_it(client_as: ClientAs, path: str) -> None:
    page = client_as(MEG).get(path).text
    declaring = re.compile(r"<(a|button|li)\b([^>]*data-(?:shortcut|key)=[^>]*)>(.*?)</\1>", re.S)
    for tag, attributes, inside in declaring.findall(page):
        bare = re.sub(r"<kbd.*?</kbd>|<[^>]+>", " ", inside).strip()
        assert bare or "aria-label" in attributes, (tag, attributes)
