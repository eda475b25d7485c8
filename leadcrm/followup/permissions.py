"""What may be done about what is to be done, beside the scope that says for which leads."""

from leadcrm.core.rights import OF_LEADS, Permission


class Followup(Permission):
    USE = (
        "followup.use", "Opvolgen", "Follow up",
        "Bellen, taken en afspraken bij leads die men ziet, en de eigen dag en agenda.",
        "Calls, tasks and appointments of leads that one sees, and one's own day and calendar.", OF_LEADS,
    )  # fmt: skip
