"""Who decides how leads go through the company."""

from leadcrm.core.rights import OF_MANAGERS, Permission


class Pipelines(Permission):
    MANAGE = (
        "pipelines.manage", "Pijplijnen instellen", "Set up pipelines",
        "Bepalen welke stappen een lead doorloopt, wat er eerst ingevuld moet zijn en waarom leads verloren gaan.",
        "Decide which steps a lead goes through, what must be filled in first and why leads are lost.", OF_MANAGERS,
    )  # fmt: skip
