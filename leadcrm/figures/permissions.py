"""What may be done with figures, beside the scope that says of which leads."""

from leadcrm.core.rights import OF_LEADS, OF_MANAGERS, Permission


class Figures(Permission):
    CHANCES = (
        "figures.chances", "Kansen per fase instellen", "Set chances per stage",
        "Bepalen hoe waarschijnlijk een lead in elke fase een hypotheek wordt.",
        "Decide how likely a lead in each stage becomes a mortgage.", OF_MANAGERS,
    )  # fmt: skip
    COMPARE = (
        "figures.compare", "Adviseurs en leveranciers vergelijken", "Compare agents and suppliers",
        "Cijfers per adviseur en de kwaliteit van leveranciers bekijken.",
        "View figures per agent and the quality of suppliers.", OF_MANAGERS,
    )  # fmt: skip
    VIEW = (
        "figures.view", "Cijfers bekijken", "View figures",
        "Adviseurs zien cijfers van hun eigen leads, managers die van het bedrijf.",
        "Agents see figures of their own leads, managers those of the company.", OF_LEADS,
    )  # fmt: skip
