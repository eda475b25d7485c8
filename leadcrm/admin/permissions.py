"""What may be administered, beside the scope that says of which company."""

from leadcrm.core.rights import OF_ADMINS, OF_OFFICE, Permission


class Admin(Permission):
    VIEW = (
        "admin.view", "Gebruikers en rechten bekijken", "See users and rights",
        "Zien wie kan inloggen, met welke rol en welke rechten.", "See who can sign in, with which role and rights.",
        OF_OFFICE,
    )  # fmt: skip
    USERS = (
        "admin.users", "Gebruikers beheren", "Manage users",
        "Gebruikers uitnodigen, hun rol en rechten wijzigen, ze uitschakelen en ze weer op weg helpen.",
        "Invite users, change their role and rights, disable them and help them back in.", OF_OFFICE,
    )  # fmt: skip
    COMPANIES = (
        "admin.companies", "Bedrijven beheren", "Manage companies", "Bedrijven toevoegen, wijzigen en uitschakelen.",
        "Add, change and disable companies.", OF_ADMINS,
    )  # fmt: skip
    GLASS = (
        "admin.break_glass", "Noodtoegang nemen", "Take emergency access",
        "Met een reden en voor korte tijd de leads van één bedrijf inzien; het bedrijf krijgt bericht.",
        "Look at the leads of one company for a short time, with a reason; the company is told.", OF_ADMINS,
    )  # fmt: skip
    GLASS_LOG = (
        "admin.break_glass_log", "Noodtoegang volgen", "Follow emergency access",
        "Zien wie wanneer en waarom noodtoegang nam, en die stoppen.",
        "See who took emergency access, when and why, and stop it.", OF_OFFICE,
    )  # fmt: skip
