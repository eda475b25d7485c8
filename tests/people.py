"""The people of every test: Ann and Bob (agents), Meg (their company manager), Eve (agent elsewhere), Ada (admin), Ivo
(auditor of Meg's company, who may only look)."""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID, uuid5

from leadcrm.core.db import PLATFORM_ID
from leadcrm.core.scope import Scope

NAMESPACE = UUID("5c7f8a44-0f0b-4d5e-9d7e-6f7c3b1a2d90")


def _id(name: str) -> UUID:
    return uuid5(NAMESPACE, name)


HOME = _id("De Hypotheekhoek")  # the company of Ann, Bob and Meg
ELSEWHERE = _id("Zuidwest Advies")  # Eve's
COMPANIES = {HOME: "De Hypotheekhoek", ELSEWHERE: "Zuidwest Advies"}
PASSWORD = "een-lange-zin-over-hypotheken"


@dataclass(frozen=True)
class Person:
    name: str
    role: str
    company_id: UUID
    scope: Scope

    @property
    def days(self) -> dict[str, date]:
        """An auditor is one for a time only."""
        today = date.today()
        around = {"starts_on": today - timedelta(days=7), "ends_on": today + timedelta(days=30)}
        return around if self.role == "auditor" else {}

    @property
    def id(self) -> UUID:
        return _id(self.name)

    @property
    def email(self) -> str:
        return f"{self.name.split()[0].lower()}@example.org"


ANN = Person("Ann de Wit", "agent", HOME, Scope.OWN)
BOB = Person("Bob Smit", "agent", HOME, Scope.OWN)
MEG = Person("Meg Visser", "companymanager", HOME, Scope.COMPANY)
EVE = Person("Eve Bakker", "agent", ELSEWHERE, Scope.OWN)
ADA = Person("Ada Mulder", "admin", PLATFORM_ID, Scope.NONE)
IVO = Person("Ivo Prins", "auditor", HOME, Scope.NONE)
PEOPLE = (ANN, BOB, MEG, EVE, ADA, IVO)
