"""What may be done with failed logins, beside the scope that says of which company."""

from leadcrm.core.fields.terms import Terms


class Watch(Terms):
    # The name that grants have held since before there was this plugin.
    FAILED_LOGINS = "admin.failed_logins", "Mislukte inlogpogingen bekijken", "See failed logins"
    REVIEW = "watch.review", "Incidenten beoordelen", "Review incidents"
    EXPORT = "watch.export", "Mislukte inlogpogingen downloaden", "Download failed logins"
    NOTICES = "watch.notices", "Meldingen krijgen", "Get alerts"
