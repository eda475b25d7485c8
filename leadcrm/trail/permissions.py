"""Who may look at the trail, beside the scope that says of which company."""

from leadcrm.core.rights import OF_OFFICE, Permission


class Trail(Permission):
    VIEW = (
        "trail.view", "Logboek bekijken", "See the audit trail",
        "Zien wie wat wanneer heeft gedaan.",
        "See who did what, and when.", OF_OFFICE,
    )  # fmt: skip
    EXPORT = (
        "trail.export", "Logboek downloaden", "Download the audit trail",
        "Het logboek als bestand meenemen.",
        "Take the audit trail along as a file.", OF_OFFICE,
    )  # fmt: skip
