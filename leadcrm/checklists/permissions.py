"""Who works with checklists, and who decides what is asked for."""

from leadcrm.core.rights import OF_LEADS, OF_MANAGERS, Permission


class Checklists(Permission):
    MANAGE = (
        "checklists.manage", "Checklist instellen", "Set up the checklist",
        "Bepalen welke stukken het bedrijf bij welk doel en inkomen vraagt.",
        "Decide which documents the company asks for with which goal and income.", OF_MANAGERS,
    )  # fmt: skip
    USE = (
        "checklists.use", "Checklist gebruiken", "Use the checklist",
        "Zien welke stukken ontbreken bij leads die men ziet, ze afvinken en zich laten herinneren.",
        "See which documents are missing of leads that one sees, tick them off and be reminded.", OF_LEADS,
    )  # fmt: skip
