"""Who may look at the trail, beside the scope that says of which company."""

from leadcrm.core.fields.terms import Terms


class Trail(Terms):
    VIEW = "trail.view", "Logboek bekijken", "See the audit trail"
    EXPORT = "trail.export", "Logboek downloaden", "Download the audit trail"
