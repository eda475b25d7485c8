"""A right: what it is called, what it means in one sentence, and with which scopes it can do anything at all."""

from collections.abc import Collection
from typing import Self

from leadcrm.core.fields.language import in_dutch
from leadcrm.core.fields.terms import Terms
from leadcrm.core.scope import Scope

PEOPLES = frozenset({Scope.OWN, Scope.COMPANY, Scope.NONE})
OF_LEADS = frozenset({Scope.OWN, Scope.COMPANY})  # whoever sees any
OF_MANAGERS = frozenset({Scope.COMPANY})
OF_OFFICE = frozenset({Scope.COMPANY, Scope.NONE})  # managers in their company, admins everywhere
OF_ADMINS = frozenset({Scope.NONE})


class Permission(Terms):
    """`NAME = "plugin.right", "Nederlands", "English", "Wat het betekent.", "What it means.", OF_MANAGERS`.

    The scope decides with which rows; a right that some scope refuses anyway is not offered to who has that scope.
    """

    nl_about: str
    en_about: str
    within: frozenset[Scope]

    def __new__(
        cls, value: str, nl: str = "", en: str = "", nl_about: str = "", en_about: str = "",
        within: Collection[Scope] = PEOPLES,
    ) -> Self:  # fmt: skip
        if not (nl and en and nl_about and en_about):
            raise TypeError(f"{cls.__name__} {value!r}: words in both languages, and a sentence on what it means")
        member = str.__new__(cls, value)  # Terms.__new__ is the Enum's by now
        member._value_, member.nl, member.en = value, nl, en
        member.nl_about, member.en_about, member.within = nl_about, en_about, frozenset(within)
        return member

    @property
    def about(self) -> str:
        return self.nl_about if in_dutch() else self.en_about
