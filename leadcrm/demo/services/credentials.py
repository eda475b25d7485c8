"""What the accounts of the demonstration sign in with: made anew for every instance, kept in instance/demo.json."""

import secrets
from typing import NamedTuple

from leadcrm.auth.services import passwords, second_factor
from leadcrm.core.fields.kinds import Invalid
from leadcrm.demo.services.offices import Account

_WORDS = """
anker appel baken berg beuk bloem boei boot boter brug bries citroen dak dauw dijk draad duin eend eik emmer fiets
fles fluit gans gras grot haan hamer haven heide hengel herfst hoed honing hooi kaars kaas kade kanaal kano kastanje
kers ketel kist klaver klei klok knop koffie kompas koren kraan kruik kust lamp lente linde maan mand markt meeuw meer
melk mist molen mos mosterd munt nest noot oever olijf orgel otter paard palm parel pauw peer pen pijl plank plein
polder pont raam regen reiger riet rivier roer rogge roos rots schaap schelp schip sleutel sloot sluis sneeuw spiegel
spin stal steen ster stoel strand stroom tarwe tegel tent toren trap trom tuin uil veer veld vijver vis vlag vlinder
voet vonk vuur wagen wal wilg wind wolk wortel zaag zand zeil zilver zomer zon zout zwaan
"""
WORDS = _WORDS.split()


class Credentials(NamedTuple):
    password: str
    totp_secret: str


def credentials_of(account: Account) -> Credentials:
    return Credentials(_password(account), second_factor.new_secret())


def _password(account: Account) -> str:
    """Some forty bits, easy to type."""
    while True:
        password = "-".join([*(secrets.choice(WORDS) for _ in range(4)), str(secrets.randbelow(9_000) + 1_000)])
        try:
            passwords.refuse_weak(password, account.name, account.company, account.email)
        except Invalid:
            continue
        return password
