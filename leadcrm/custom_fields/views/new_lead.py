"""The own fields that are asked of a new lead."""

from flask_babel import gettext as _

from leadcrm.custom_fields.forms import OwnForm
from leadcrm.custom_fields.services import values
from leadcrm.custom_fields.services.definitions import fields
from leadcrm.leads.models.lead import Lead


class NewValues(OwnForm):
    template = "custom_fields/_new_lead.html"

    @property
    def title(self) -> str:
        return str(_("Own fields"))

    def save(self, lead: Lead) -> None:
        values.save(lead, {field: value for field, value in self.chosen.items() if value is not None})


def make() -> NewValues | None:
    asked = [field for field in fields() if field.required or field.on_new]
    return NewValues(asked) if asked else None
