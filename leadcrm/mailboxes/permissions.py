"""Who may see and change the company's mail account."""

from leadcrm.core.fields.terms import Terms


class Mailboxes(Terms):
    MANAGE = "mailboxes.manage", "Mailaccount van het bedrijf beheren", "Manage the company's mail account"
