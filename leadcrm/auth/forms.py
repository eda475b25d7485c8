"""Forms without a model behind them. What is typed here never comes back into a page: core/errors.py knows secrets by
the word `password` in their names."""

from collections import defaultdict
from collections.abc import Mapping

from flask_babel import gettext as _

from leadcrm.auth.services import passwords
from leadcrm.core.fields.kinds import Invalid


class PasswordForm:
    """A new password, typed twice; with `current` the old one as well."""

    def __init__(self, *context: str):
        self.context = context
        self.errors: defaultdict[str, list[str]] = defaultdict(list)
        self.current = self.new = ""

    def read(self, typed: Mapping[str, str]) -> bool:
        self.current, self.new = typed.get("current_password", ""), typed.get("new_password", "")
        try:
            passwords.refuse_weak(self.new, *self.context)
        except Invalid as problem:
            self.errors["new"].append(str(problem.message))
        if self.new != typed.get("new_password_again", ""):
            self.errors["again"].append(_("This is not the same as above. Type it once more."))
        return self.valid

    @property
    def valid(self) -> bool:
        return not any(self.errors.values())
