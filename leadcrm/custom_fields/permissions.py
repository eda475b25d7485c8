"""Who decides which fields of its own a company has. Filling them in goes with the lead."""

from leadcrm.core.rights import OF_MANAGERS, Permission


class CustomFields(Permission):
    MANAGE = (
        "custom_fields.manage", "Eigen velden beheren", "Manage own fields",
        "Bepalen wat het kantoor zelf bij leads wil vastleggen.",
        "Decide what the office wants to record of leads besides.", OF_MANAGERS,
    )  # fmt: skip
