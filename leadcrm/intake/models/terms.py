"""How a lead arrives, and where it stands until it is one."""

from leadcrm.core.fields.terms import Terms


class Way(Terms):
    """How something came in."""

    API = "api", "Koppeling", "Connection"
    FORM = "form", "Formulier met sleutel", "Form with a key"
    WEBFORM = "webform", "Webformulier", "Web form"
    MAIL = "mail", "Mailbox", "Mailbox"
    PIPE = "pipe", "Doorgegeven mail", "Mail passed on"


class State(Terms):
    """Everything that arrived is in one of these."""

    WAITING = "waiting", "Wordt verwerkt", "Being processed"
    LEAD = "lead", "Lead geworden", "Became a lead"
    QUARANTINED = "quarantined", "In quarantaine", "In quarantine"
    DISCARDED = "discarded", "Weggelegd", "Set aside"


class OnDuplicate(Terms):
    """What becomes of somebody who is known already."""

    MARK = "mark", "Lead maken en markeren", "Make the lead and mark it"
    HOLD = "hold", "Vasthouden in quarantaine", "Hold in quarantine"


class Why(Terms):
    """Why something waits for a person."""

    INVALID = "invalid", "Niet alles is bruikbaar", "Not everything can be used"
    DUPLICATE = "duplicate", "Waarschijnlijk dubbel", "Probably double"
    SPAM = "spam", "Mogelijk spam", "Possibly spam"
    UNREAD = "unread", "Niets herkend", "Nothing recognised"
    BROKEN = "broken", "Verwerking mislukt", "Processing failed"
    RETURNED = "returned", "Teruggezet door een collega", "Put back by a colleague"


class Discarded(Terms):
    """Why a person set something aside."""

    SPAM = "spam", "Spam", "Spam"
    TEST = "test", "Testbericht", "Test message"
    DUPLICATE = "duplicate", "Dubbel", "Double"
    UNUSABLE = "unusable", "Onbruikbaar", "Unusable"
    OTHER = "other", "Anders", "Otherwise"
