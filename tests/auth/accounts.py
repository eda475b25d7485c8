"""People who can really sign in: a password, a second factor, and what their telephone shows."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import pyotp
from flask import Flask
from werkzeug.test import TestResponse

from leadcrm.auth.services import passwords, second_factor
from tests.people import PASSWORD, Person
from tests.world import Browser, superuser

SIGN_IN, SECOND_FACTOR, ACCOUNT = "/auth/sign-in", "/auth/second-factor", "/auth/account"


@cache
def hash_of_password() -> str:
    return passwords.hashed(PASSWORD)


@dataclass(frozen=True)
class Account:
    person: Person
    secret: str

    def code(self, steps: int = 0) -> str:
        """What the telephone shows now, or so many steps of 30 seconds later."""
        return str(pyotp.TOTP(self.secret).at(int(time.time()), counter_offset=steps))


Enrolled = Callable[..., Account]


def enrol(app: Flask, admin_url: str, person: Person, *, factor: bool = True, password: str | None = None) -> Account:
    """Straight into the tables, as the superuser."""
    secret = second_factor.new_secret()
    with app.app_context():
        sealed = second_factor.sealed(secret, person.company_id, person.id) if factor else None
    admin = superuser(admin_url)
    admin.execute(
        "UPDATE auth_user SET joined_at = now(), active = true, role = %s, "
        "second_factor_at = CASE WHEN %s THEN now() END WHERE id = %s",
        [person.role, factor, person.id],
    )
    admin.execute(
        "INSERT INTO auth_secret (company_id, id, password_hash, totp, totp_last_step, totp_confirmed_at) "
        "VALUES (%s, %s, %s, %s, 0, CASE WHEN %s THEN now() END)",
        [person.company_id, person.id, password or hash_of_password(), sealed, factor],
    )
    return Account(person, secret)


def give_password(browser: Browser, email: str, password: str = PASSWORD, **more: str) -> TestResponse:
    return browser.send(SIGN_IN, {"email": email, "password": password} | more)


def give_code(browser: Browser, code: str, **more: str) -> TestResponse:
    return browser.send(SECOND_FACTOR, {"code": code} | more)


def walk_in(browser: Browser, account: Account) -> TestResponse:
    give_password(browser, account.person.email)
    return give_code(browser, account.code())


def token_of(browser: Browser) -> str:
    cookie = browser.get_cookie("__Host-leadcrm", domain="localhost")
    return cookie.value if cookie else ""


def browser_with(app: Flask, token: str) -> Browser:
    browser = Browser(app)
    browser.set_cookie("__Host-leadcrm", token, domain="localhost", secure=True)
    return browser


def is_in(browser: Browser) -> bool:
    return browser.get(ACCOUNT).status_code == 200
