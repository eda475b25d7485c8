"""What may be done with leads, beside the scope that says with which."""

from enum import StrEnum


class Leads(StrEnum):
    ASSIGN = "leads.assign"
    CREATE = "leads.create"
    DELETE = "leads.delete"
    EDIT = "leads.edit"
    MANAGE_SOURCES = "leads.manage_sources"
    REVEAL = "leads.reveal"
    VIEW = "leads.view"
