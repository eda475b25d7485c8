"""Who may let clients deliver documents."""

from leadcrm.core.rights import OF_LEADS, Permission


class Collecting(Permission):
    ASK = (
        "collecting.ask", "Stukken opvragen bij klanten", "Ask clients for documents",
        "Klanten van leads die men ziet een persoonlijke link sturen om stukken aan te leveren.",
        "Send clients of leads that one sees a personal link to deliver documents through.", OF_LEADS,
    )  # fmt: skip
