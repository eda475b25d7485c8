"""The figures beside a lead: what services/ratios.py makes of its rows."""

from typing import Any

from leadcrm.core.fields.dates import OFFICE
from leadcrm.core.reveal import plain
from leadcrm.leads.models.income import Income
from leadcrm.leads.queries.household import Household
from leadcrm.leads.services import ratios
from leadcrm.leads.services.missing import gaps
from leadcrm.leads.services.norms import norms_on

COUNTED = (
    "employment", "gross_year", "holiday_pct", "thirteenth_month", "bonus", "overtime", "profit_y1", "profit_y2",
    "profit_y3",
)  # fmt: skip


def hints_of(house: Household) -> dict[str, Any]:
    """LTV, LTI and NHG by the norms of the day the lead came in, and what is still to be asked."""
    day = house.lead.created_at.astimezone(OFFICE).date()
    norms = norms_on(day)
    home: Any = house.home
    ebv = home.ebv_amount if home else None
    price, value = (home.purchase_price, home.market_value) if home else (None, None)
    return {
        "year": day.year,
        "ltv": ratios.ltv(house.lead.mortgage_amount, house.lead.property_value, ebv, norms),
        "lti": ratios.lti(house.lead.mortgage_amount, [_counted(income) for income in house.incomes]),
        "nhg": ratios.nhg(price, value, ebv, norms),
        "gaps": list(gaps(house.persons, house.incomes, home, house.wish)),
    }


def _counted(income: Income) -> dict[str, Any]:
    """Opened to calculate with; what a person sees of it goes through reveal()."""
    return {name: plain(income, name) for name in COUNTED}
