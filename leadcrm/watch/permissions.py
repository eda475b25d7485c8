"""What may be done with failed logins, beside the scope that says of which company."""

from leadcrm.core.rights import OF_OFFICE, Permission


class Watch(Permission):
    # The name that grants have held since before there was this plugin.
    FAILED_LOGINS = (
        "admin.failed_logins", "Mislukte inlogpogingen bekijken", "See failed logins",
        "Zien wie niet is binnengelaten, vanwaar en waarom.",
        "See who was not let in, from where and why.", OF_OFFICE,
    )  # fmt: skip
    REVIEW = (
        "watch.review", "Incidenten beoordelen", "Review incidents",
        "Een oordeel geven over reeksen van mislukte inlogpogingen.",
        "Give a verdict on series of failed logins.", OF_OFFICE,
    )  # fmt: skip
    EXPORT = (
        "watch.export", "Mislukte inlogpogingen downloaden", "Download failed logins",
        "Mislukte inlogpogingen als bestand meenemen.",
        "Take failed logins along as a file.", OF_OFFICE,
    )  # fmt: skip
    NOTICES = (
        "watch.notices", "Meldingen krijgen", "Get alerts",
        "Bericht krijgen als er iets met de beveiliging is.",
        "Hear of it when something is the matter with security.", OF_OFFICE,
    )  # fmt: skip
