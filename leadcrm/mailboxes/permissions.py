"""Who may see and change the company's mail account."""

from leadcrm.core.rights import OF_MANAGERS, Permission


class Mailboxes(Permission):
    MANAGE = (
        "mailboxes.manage", "Mailaccount van het bedrijf beheren", "Manage the company's mail account",
        "Het mailaccount waarmee het bedrijf mail verstuurt instellen.",
        "Set up the mail account from which the company sends.", OF_MANAGERS,
    )  # fmt: skip
