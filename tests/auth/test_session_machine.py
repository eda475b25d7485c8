"""Sessions as a machine: whatever browsers, thieves and time do in any order, it goes as this small model says."""

from dataclasses import dataclass, field
from typing import Any

import psycopg
from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from tests.auth.accounts import browser_with, token_of
from tests.people import ANN
from tests.world import forget_what_tests_wrote, sign_in_as

GRACE, TURN, IDLE, LONGEST = 60, 600, 1800, 12 * 3600
TIMES = ("created_at", "rotated_at", "seen_at", "last_seen_at", "expires_at")


@dataclass
class Modelled:
    """A session as it should be; times are seconds of the model's own clock."""

    current: str
    created: int
    rotated: int
    last_seen: int
    before: str | None = None
    seen: int | None = None
    spent: set[str] = field(default_factory=set)
    ended: bool = False

    def answers(self, token: str, now: int) -> bool:
        """Whether it lets this token in; a spent one ends it."""
        current = token == self.current
        if self.ended:
            return False
        if not current and not (token == self.before and (self.seen is None or now - self.seen < GRACE)):
            self.ended = token in self.spent
            return False
        if now - self.last_seen >= IDLE or now - self.created >= LONGEST:
            return False
        fresh = current and self.before is not None and self.seen is None
        if now - self.last_seen >= 60 or fresh:
            self.last_seen = now
            self.seen = (self.seen if self.seen is not None else now) if current else self.seen
        return True

    def due(self, token: str, now: int) -> bool:
        if token == self.current:
            return now - self.rotated >= TURN
        return self.seen is None and now - self.rotated >= GRACE

    def turn(self, token: str, new: str, now: int) -> None:
        self.spent |= {token, self.current}
        self.before, self.current, self.rotated, self.seen = token, new, now, None


def machine(app: Flask, admin_url: str) -> type[RuleBasedStateMachine]:
    def behind(statement: str, *values: Any) -> None:
        with psycopg.connect(admin_url, autocommit=True) as admin:
            admin.execute(statement, values)  # type: ignore[arg-type]  # typed here

    class Sessions(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.now = 0
            self.sessions: list[Modelled] = []
            self.tokens: list[str] = []

        @precondition(lambda self: len(self.sessions) < 3)
        @rule()
        def sign_in(self) -> None:
            token = token_of(sign_in_as(app, ANN, admin_url))
            behind("UPDATE auth_session SET stepup_at = NULL, expires_at = created_at + interval '1 day'")
            self.sessions.append(Modelled(token, self.now, self.now, self.now))
            self.tokens.append(token)

        @rule(seconds=st.sampled_from([20, 40, 60, 580, 620, 1780, 4 * 3600]))
        def time_passes(self, seconds: int) -> None:
            changes = ", ".join(f"{name} = {name} - make_interval(secs => {seconds})" for name in TIMES)
            behind(f"UPDATE auth_session SET {changes}")
            self.now += seconds

        @precondition(lambda self: self.tokens)
        @rule(data=st.data())
        def come(self, data: st.DataObject) -> None:
            self.request(data.draw(st.sampled_from(self.tokens)))

        @precondition(lambda self: self.tokens)
        @rule(data=st.data())
        def sign_out(self, data: st.DataObject) -> None:
            token = data.draw(st.sampled_from(self.tokens))
            browser_with(app, token).send("/auth/sign-out")
            for each in self.sessions:
                each.ended |= each.answers(token, self.now)

        def request(self, token: str) -> None:
            browser = browser_with(app, token)
            let_in = browser.get("/auth/sign-in").status_code == 303
            expected = [each for each in self.sessions if each.answers(token, self.now)]
            assert let_in is bool(expected)
            new = token_of(browser)
            if not expected:
                assert new == token
                return
            assert (new != token) is expected[0].due(token, self.now)
            if new != token:
                assert new not in self.tokens
                expected[0].turn(token, new, self.now)
                self.tokens.append(new)

        def teardown(self) -> None:
            forget_what_tests_wrote(admin_url)

    return Sessions


def test_it_goes_as_the_model_says(app: Flask, admin_url: str) -> None:
    some = settings(
        max_examples=8, stateful_step_count=25, deadline=None, derandomize=True,
        suppress_health_check=list(HealthCheck), database=None,
    )  # fmt: skip
    run_state_machine_as_test(machine(app, admin_url), settings=some)  # type: ignore[no-untyped-call]  # hypothesis's own
