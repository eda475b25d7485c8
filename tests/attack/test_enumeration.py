"""Who has an account here? Neither the answer nor its time tells: a classifier does no better than chance.

Known and unknown addresses are asked in a random order; the area under the curve is over all thresholds on the time.
0.5 is chance.
"""

import random
import re
import time
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from flask import Flask

from leadcrm.auth.services.passwords import KNOWN_ANSWERS, KNOWN_TEXT
from tests.auth.accounts import enrol
from tests.people import BOB, EVE, MEG, PASSWORD, PEOPLE
from tests.world import Browser, sign_in_as

pytestmark = pytest.mark.attack
LEAST, MOST = 200, 1000  # of each kind; more are only asked when the noise of the machine asks for it
WORST = 0.55
Ask = Callable[[Browser, str], Any]


def area(known: list[float], unknown: list[float]) -> float:
    """Mann-Whitney's U as the area under the curve, the side that helps the attacker."""
    ranked = sorted([(each, 1) for each in known] + [(each, 0) for each in unknown])
    ranks = sum(place for place, (_time, is_known) in enumerate(ranked, 1) if is_known)
    u = ranks - len(known) * (len(known) + 1) / 2
    share = u / (len(known) * len(unknown))
    return max(share, 1 - share)


def measured(ask: Ask, browser: Browser, admin: Any, known: str, unknown: Callable[[int], str], count: int) -> Any:
    """Times and answers of both kinds. What limits have counted is forgotten outside of what is timed."""
    times: dict[bool, list[float]] = {True: [], False: []}
    answers: set[tuple[int, str]] = set()
    order = [True, False] * count
    random.shuffle(order)
    for number, is_known in enumerate(order):
        email = known if is_known else unknown(number)
        admin.execute("DELETE FROM core_limit")
        begun = time.perf_counter()
        answer = ask(browser, email)
        times[is_known].append(time.perf_counter() - begun)
        answers.add((answer.status_code, plain(answer.text, email)))
    return times, answers


def plain(page: str, email: str) -> str:
    """Without what differs by itself: nonces, tokens, ids, and what was typed."""
    return re.sub(r"[\w./+-]{30,}=*|\w{8}-\w{4}-\w{4}-\w{4}-\w{12}|nonce=\S+", "", page.replace(email, "…"))


def refuse_telling(ask: Ask, browser: Browser, admin_url: str, known: str, unknown: Callable[[int], str]) -> None:
    gathered: dict[bool, list[float]] = {True: [], False: []}
    with psycopg.connect(admin_url, autocommit=True) as admin:
        measured(ask, browser, admin, known, unknown, 20)  # whatever is made at the first time
        while len(gathered[True]) < MOST:
            times, answers = measured(ask, browser, admin, known, unknown, LEAST)
            assert len(answers) == 1, [status for status, _page in answers]
            for kind, seconds in times.items():
                gathered[kind] += seconds
            if area(gathered[True], gathered[False]) <= WORST:
                return
    pytest.fail(f"area under the curve {area(gathered[True], gathered[False]):.3f} at n = {len(gathered[True])}")


def test_the_measure_itself_sees_a_difference() -> None:
    """Half a millisecond among two of noise is found; noise alone is not."""
    noise = random.Random(1)
    base = [noise.gauss(30, 2) for _ in range(600)]
    same = [noise.gauss(30, 2) for _ in range(600)]
    later = [noise.gauss(30.7, 2) for _ in range(600)]
    assert area(base, same) <= WORST < area(base, later)


def sign_in(browser: Browser, email: str) -> Any:
    return browser.send("/auth/sign-in", {"email": email, "password": "niet het wachtwoord"})


def forgotten(browser: Browser, email: str) -> Any:
    return browser.send("/auth/forgotten", {"email": email})


def nobody(number: int) -> str:
    return f"x{number:03}@example.org"[-len(BOB.email) - 6 :]


@pytest.mark.asvs("V6.3.8")
@pytest.mark.parametrize("ask", [sign_in, forgotten])
def test_signing_in_and_forgotten_passwords(app: Flask, admin_url: str, ask: Ask) -> None:
    for person in PEOPLE:
        enrol(app, admin_url, person)
    refuse_telling(ask, Browser(app), admin_url, BOB.email, nobody)


@pytest.mark.asvs("V6.3.8")
@pytest.mark.parametrize(("known", "right"), [(None, PASSWORD), (KNOWN_ANSWERS["argon2"], KNOWN_TEXT)],
                         ids=["a hash of today", "a hash to be made anew"])  # fmt: skip
def test_a_wrong_address_is_a_wrong_password(app: Flask, admin_url: str, known: str | None, right: str) -> None:
    """Who has Bob's password but sits elsewhere than his list says: told, and timed, as who guesses."""
    enrol(app, admin_url, BOB, password=known)
    with psycopg.connect(admin_url, autocommit=True) as admin:
        admin.execute(
            "INSERT INTO addresses_range (company_id, id, user_id, network, label, created_at, updated_at) "
            "VALUES (%s, gen_random_uuid(), %s, '203.0.113.0/24', '', now(), now())",
            [BOB.company_id, BOB.id],
        )

    def try_it(browser: Browser, password: str) -> Any:
        return browser.send("/auth/sign-in", {"email": BOB.email, "password": password})

    refuse_telling(try_it, Browser(app), admin_url, right, lambda _number: "vier groene fietsen in regen")
    with psycopg.connect(admin_url, autocommit=True) as admin:
        found = admin.execute("SELECT DISTINCT reason FROM auth_failed_login ORDER BY reason").fetchall()
    assert found == [("address",), ("wrong_password",)]


def test_inviting(app: Flask, admin_url: str) -> None:
    """Meg invites an address of another company: told, and timed, as one that is free."""
    for person in PEOPLE:
        enrol(app, admin_url, person)
    meg = sign_in_as(app, MEG, admin_url)

    def invite(browser: Browser, email: str) -> Any:
        answer = browser.send("/admin/users/new", {"name": "Wie Ook", "email": email, "role": "agent"})
        with psycopg.connect(admin_url, autocommit=True) as admin:
            admin.execute("DELETE FROM auth_link; DELETE FROM auth_user WHERE name = 'Wie Ook'")
        return answer

    try:
        refuse_telling(invite, meg, admin_url, EVE.email, nobody)
    finally:
        with psycopg.connect(admin_url, autocommit=True) as admin:
            admin.execute("DELETE FROM auth_link; DELETE FROM auth_user WHERE name = 'Wie Ook'")
