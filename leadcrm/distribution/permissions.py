"""Who decides how leads are distributed, who may hand one over, and who can get one."""

from leadcrm.core.rights import OF_LEADS, OF_MANAGERS, Permission


class Distribution(Permission):
    HAND_OVER = (
        "distribution.hand_over", "Leads overdragen", "Hand leads over",
        "Een lead die men ziet met een reden aan een collega overdragen; die moet de lead aannemen.",
        "Hand a lead that one sees over to a colleague with a reason; the colleague has to accept it.", OF_LEADS,
    )  # fmt: skip
    MANAGE = (
        "distribution.manage", "Verdeling instellen", "Set up the distribution",
        "Bepalen naar wie nieuwe leads gaan, en zien hoe eerlijk zij zijn verdeeld.",
        "Decide to whom new leads go, and see how fairly they were distributed.", OF_MANAGERS,
    )  # fmt: skip
    RECEIVE = (
        "distribution.receive", "Leads uit de verdeling krijgen", "Receive leads from the distribution",
        "Meedoen met de verdeling en leads van collega's aannemen.",
        "Take part in the distribution and accept leads of colleagues.", OF_LEADS,
    )  # fmt: skip
