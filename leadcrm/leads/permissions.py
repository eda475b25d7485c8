"""What may be done with leads, beside the scope that says with which."""

from leadcrm.core.fields.terms import Terms


class Leads(Terms):
    ASSIGN = "leads.assign", "Leads toewijzen", "Assign leads"
    CREATE = "leads.create", "Leads aanmaken", "Create leads"
    DELETE = "leads.delete", "Leads verwijderen", "Remove leads"
    EDIT = "leads.edit", "Leads wijzigen", "Change leads"
    MANAGE_SOURCES = "leads.manage_sources", "Bronnen en labels beheren", "Manage sources and labels"
    REVEAL = "leads.reveal", "Afgeschermde gegevens tonen", "Show hidden values"
    VIEW = "leads.view", "Leads bekijken", "View leads"
