"""What may be administered, beside the scope that says of which company."""

from leadcrm.core.fields.terms import Terms


class Admin(Terms):
    USERS = "admin.users", "Gebruikers beheren", "Manage users"
    COMPANIES = "admin.companies", "Bedrijven beheren", "Manage companies"
    FAILED_LOGINS = "admin.failed_logins", "Mislukte inlogpogingen bekijken", "See failed logins"
