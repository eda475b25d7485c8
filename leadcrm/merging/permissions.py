"""What may be done about duplicates, beside the scope of the leads."""

from leadcrm.core.rights import OF_LEADS, Permission


class Merging(Permission):
    MERGE = (
        "merging.merge", "Dubbele leads samenvoegen", "Merge duplicate leads",
        "Twee leads die men ziet tot één maken, en dat weer ongedaan maken.",
        "Make one of two leads that one sees, and undo that.", OF_LEADS,
    )  # fmt: skip
