"""What may be done with documents, beside the scope of the lead that they belong to."""

from leadcrm.core.rights import OF_LEADS, Permission


class Documents(Permission):
    ADD = (
        "documents.add", "Documenten toevoegen", "Add documents",
        "Bestanden bij leads plaatsen, ook nieuwe versies, en hun naam, soort en notitie wijzigen.",
        "Put files with leads, new versions too, and change their name, kind and note.", OF_LEADS,
    )  # fmt: skip
    DELETE = (
        "documents.delete", "Documenten verwijderen", "Remove documents",
        "Documenten naar de prullenbak verplaatsen, terugzetten en voorgoed verwijderen.",
        "Move documents to the bin, bring them back and remove them for good.", OF_LEADS,
    )  # fmt: skip
    VIEW = (
        "documents.view", "Documenten bekijken", "View documents",
        "Documenten zien en downloaden van leads die men ziet; elke keer wordt vastgelegd.",
        "See and download the documents of leads that one sees; each time is logged.", OF_LEADS,
    )  # fmt: skip
