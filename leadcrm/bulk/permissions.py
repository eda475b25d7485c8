"""Who may do something to many leads at once, beside the permission of what is done."""

from leadcrm.core.rights import OF_LEADS, Permission


class Bulk(Permission):
    USE = (
        "bulk.use", "Acties op meer leads", "Actions for many leads",
        "Een actie in één keer uitvoeren op veel leads die men ziet; wat iemand per lead niet mag, mag ook zo niet.",
        "Do something to many leads that one sees at once; what may not be done to one lead may not be done this way.",
        OF_LEADS,
    )  # fmt: skip
