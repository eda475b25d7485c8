"""The closed lists of follow-up."""

from leadcrm.core.fields.terms import Terms


class CallOutcome(Terms):
    """How a call went. Every one of them is an attempt to reach the client."""

    REACHED = "reached", "Gesproken", "Reached"
    NO_ANSWER = "no_answer", "Niet opgenomen", "No answer"
    VOICEMAIL = "voicemail", "Voicemail ingesproken", "Left a voicemail"
    CALL_BACK = "call_back", "Terugbellen", "Call back"
    WRONG_NUMBER = "wrong_number", "Verkeerd nummer", "Wrong number"

    @property
    def spoke(self) -> bool:
        return self in (CallOutcome.REACHED, CallOutcome.CALL_BACK)


class TaskKind(Terms):
    TODO = "todo", "Taak", "Task"
    CALL = "call", "Bellen", "Call"
    MAIL = "mail", "Mailen", "Mail"


class Priority(Terms):
    HIGH = "high", "Hoog", "High"
    NORMAL = "normal", "Gewoon", "Normal"
    LOW = "low", "Laag", "Low"


class RemindBefore(Terms):
    """Minutes before a task is due; the value is the number."""

    AT_ONCE = "0", "Op het moment zelf", "When it is due"
    QUARTER = "15", "Een kwartier ervoor", "A quarter of an hour before"
    HOUR = "60", "Een uur ervoor", "An hour before"
    DAY = "1440", "Een dag ervoor", "A day before"


class Place(Terms):
    OFFICE = "office", "Op kantoor", "At the office"
    HOME = "home", "Bij de klant thuis", "At the client's home"
    VIDEO = "video", "Videogesprek", "Video call"
    PHONE = "phone", "Telefonisch", "By telephone"


class AppointmentOutcome(Terms):
    """What became of an appointment. A moved one has a successor under the same UID."""

    PLANNED = "planned", "Gepland", "Planned"
    HELD = "held", "Geweest", "Held"
    NO_SHOW = "no_show", "Niet verschenen", "No-show"
    CANCELLED = "cancelled", "Geannuleerd", "Cancelled"
    MOVED = "moved", "Verzet", "Moved"
