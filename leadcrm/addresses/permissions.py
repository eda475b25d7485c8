"""What may be done with the lists, beside the scope that says of which company."""

from leadcrm.core.rights import OF_OFFICE, Permission


class Addresses(Permission):
    MANAGE = (
        "addresses.manage", "Toegestane IP-adressen beheren", "Manage permitted IP addresses",
        "Bepalen vanaf welke IP-adressen men mag inloggen.",
        "Decide from which IP addresses people may sign in.", OF_OFFICE,
    )  # fmt: skip
