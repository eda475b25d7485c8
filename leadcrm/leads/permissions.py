"""What may be done with leads, beside the scope that says with which."""

from leadcrm.core.rights import OF_LEADS, OF_MANAGERS, Permission


class Leads(Permission):
    ASSIGN = (
        "leads.assign", "Leads toewijzen", "Assign leads", "Leads aan een adviseur van het bedrijf geven.",
        "Give leads to an agent of the company.", OF_MANAGERS,
    )  # fmt: skip
    CREATE = (
        "leads.create", "Leads aanmaken", "Create leads", "Zelf een nieuwe lead invoeren.",
        "Enter a new lead oneself.", OF_LEADS,
    )  # fmt: skip
    DELETE = (
        "leads.delete", "Leads verwijderen", "Remove leads", "Leads verwijderen die men ziet.",
        "Remove leads that one sees.", OF_LEADS,
    )  # fmt: skip
    EDIT = (
        "leads.edit", "Leads wijzigen", "Change leads", "Gegevens, fase en notities wijzigen van leads die men ziet.",
        "Change details, stage and notes of leads that one sees.", OF_LEADS,
    )  # fmt: skip
    MANAGE_SOURCES = (
        "leads.manage_sources", "Bronnen en labels beheren", "Manage sources and labels",
        "Bepalen waar leads vandaan komen en wat zij kosten.", "Decide where leads come from and what they cost.",
        OF_MANAGERS,
    )  # fmt: skip
    REVEAL = (
        "leads.reveal", "Afgeschermde gegevens tonen", "Show hidden values",
        "Rekeningnummers en andere afgeschermde gegevens openen; elke keer wordt vastgelegd.",
        "Open account numbers and other hidden values; each time is logged.", OF_LEADS,
    )  # fmt: skip
    VIEW = (
        "leads.view", "Leads bekijken", "View leads", "Adviseurs zien hun eigen leads, managers die van het bedrijf.",
        "Agents see their own leads, managers those of the company.", OF_LEADS,
    )  # fmt: skip
