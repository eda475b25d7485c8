"""What people may do with the annex."""

from leadcrm.core.rights import OF_ADMINS, OF_OFFICE, Permission


class Annex(Permission):
    VIEW = (
        "annex.view", "Beveiligingsbijlage bekijken", "See the security annex",
        "De bijlage van het eigen bedrijf en haar bewaarde versies lezen.",
        "Read the annex of one's own company and its dated versions.", OF_OFFICE,
    )  # fmt: skip
    KEEP = (
        "annex.keep", "Beveiligingsbijlage bijhouden", "Keep the security annex",
        "Nu meten, een versie bewaren of versturen, en het register van leveranciers bijhouden.",
        "Measure now, keep or send a version, and look after the register of suppliers.", OF_ADMINS,
    )  # fmt: skip
