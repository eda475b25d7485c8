"""What may be done with leads that arrive by themselves."""

from leadcrm.core.rights import OF_MANAGERS, Permission


class Intake(Permission):
    MANAGE = (
        "intake.manage", "Aanlevering instellen", "Set up how leads arrive",
        "Sleutels, webformulieren en mailboxen van leadbronnen beheren.",
        "Keep the keys, web forms and mailboxes of lead sources.", OF_MANAGERS,
    )  # fmt: skip
    MEND = (
        "intake.mend", "Binnengekomen leads beoordelen", "Judge what arrived",
        "Zien wat binnenkwam, en wat in quarantaine staat herstellen, vrijgeven of wegleggen.",
        "See what arrived, and mend, release or set aside what is in quarantine.", OF_MANAGERS,
    )  # fmt: skip
