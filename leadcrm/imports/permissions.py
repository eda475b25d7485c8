"""Who may bring in files of leads; their scope says which imports they see."""

from leadcrm.core.rights import OF_LEADS, Permission


class Imports(Permission):
    RUN = (
        "imports.run", "Leads importeren", "Import leads",
        "Leads uit een CSV- of Excel-bestand inlezen en terugdraaien.",
        "Bring in leads from a CSV or Excel file, and undo that.", OF_LEADS,
    )  # fmt: skip
