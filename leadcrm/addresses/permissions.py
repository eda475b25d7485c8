"""What may be done with the lists, beside the scope that says of which company."""

from leadcrm.core.fields.terms import Terms


class Addresses(Terms):
    MANAGE = "addresses.manage", "Toegestane IP-adressen beheren", "Manage permitted IP addresses"
