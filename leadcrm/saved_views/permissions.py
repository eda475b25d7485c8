"""Who keeps lists for themselves, and who for the whole office."""

from leadcrm.core.rights import OF_LEADS, OF_MANAGERS, Permission


class SavedViews(Permission):
    USE = (
        "saved_views.use", "Weergaven bewaren", "Save views",
        "Een lijst met filters, volgorde en kolommen onder een naam bewaren.",
        "Keep a list with its filters, order and columns under a name.", OF_LEADS,
    )  # fmt: skip
    SHARE = (
        "saved_views.share", "Weergaven delen", "Share views", "Weergaven maken die het hele kantoor ziet.",
        "Make views that the whole office sees.", OF_MANAGERS,
    )  # fmt: skip
