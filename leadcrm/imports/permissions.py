"""Who may bring in files of leads; their scope says which imports they see."""

from leadcrm.core.fields.terms import Terms


class Imports(Terms):
    RUN = "imports.run", "Leads importeren", "Import leads"
