"""Who may take lists away as files."""

from leadcrm.core.rights import OF_LEADS, OF_MANAGERS, Permission


class Exports(Permission):
    MAKE = (
        "exports.make", "Lijsten exporteren", "Export lists",
        "Leads die men ziet als CSV of Excel downloaden; elke keer wordt vastgelegd. Adviseurs alleen als het bedrijf "
        "dat toestaat.",
        "Download leads that one sees as CSV or Excel; each time is logged. Agents only when the company allows it.",
        OF_LEADS,
    )  # fmt: skip
    MANAGE = (
        "exports.manage", "Regel voor exports", "Rule for exports", "Bepalen of adviseurs lijsten mogen exporteren.",
        "Decide whether agents may export lists.", OF_MANAGERS,
    )  # fmt: skip
