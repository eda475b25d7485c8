"""Who puts tags on leads, and who decides which there are."""

from leadcrm.core.rights import OF_LEADS, OF_MANAGERS, Permission


class Tags(Permission):
    MANAGE = (
        "tags.manage", "Tags beheren", "Manage tags", "Bepalen welke tags het kantoor gebruikt, ze hernoemen en"
        " samenvoegen.", "Decide which tags the office uses, rename and merge them.", OF_MANAGERS,
    )  # fmt: skip
    PUT = (
        "tags.put", "Tags op leads zetten", "Put tags on leads", "Tags zetten op leads die men ziet, en ze eraf halen.",
        "Put tags on leads that one sees, and take them off.", OF_LEADS,
    )  # fmt: skip
