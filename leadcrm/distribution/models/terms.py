"""The closed lists of distribution, in both languages."""

from leadcrm.core.fields.terms import Terms


class Method(Terms):
    """Whom of those that fit."""

    ROUND_ROBIN = "round_robin", "Om de beurt", "In turn"
    LEAST_BUSY = "least_busy", "Wie de minste open leads heeft", "Who has fewest open leads"


class Trait(Terms):
    """What of an agent's profile a rule asks for."""

    REGION = "region", "Postcodegebied", "Postcode region"
    GOAL = "goal", "Doel", "Goal"
    EMPLOYMENT = "employment", "Soort inkomen", "Kind of income"
    LANGUAGE = "language", "Taal", "Language"


class Obstacle(Terms):
    """Why a rule is not about a lead, or why somebody falls off."""

    OTHER_GOAL = "other_goal", "ander doel", "another goal"
    OTHER_EMPLOYMENT = "other_employment", "ander soort inkomen", "another kind of income"
    OTHER_LANGUAGE = "other_language", "andere taal", "another language"
    OTHER_REGION = "other_region", "ander postcodegebied", "another postcode region"
    OTHER_LABEL = "other_label", "ander label", "another label"
    OTHER_SOURCE = "other_source", "andere leadbron", "another lead source"
    NOT_NAMED = "not_named", "staat niet in deze regel", "not named in this rule"
    TAKES_NO_PART = "takes_no_part", "doet niet mee", "takes no part"
    AWAY = "away", "afwezig", "away"
    HOLIDAY = "holiday", "feestdag", "public holiday"
    OUTSIDE_HOURS = "outside_hours", "buiten werktijd", "outside working hours"
    FULL_TODAY = "full_today", "vandaag genoeg gekregen", "got enough today"
    FULL = "full", "genoeg open leads", "enough open leads"
    HAD_IT = "had_it", "had deze lead al", "had this lead before"


class HandoverState(Terms):
    WAITING = "waiting", "Wacht op antwoord", "Waiting for an answer"
    ACCEPTED = "accepted", "Aangenomen", "Accepted"
    DECLINED = "declined", "Geweigerd", "Declined"
    WITHDRAWN = "withdrawn", "Ingetrokken", "Withdrawn"


class Weekday(Terms):
    MONDAY = "0", "Maandag", "Monday"
    TUESDAY = "1", "Dinsdag", "Tuesday"
    WEDNESDAY = "2", "Woensdag", "Wednesday"
    THURSDAY = "3", "Donderdag", "Thursday"
    FRIDAY = "4", "Vrijdag", "Friday"
    SATURDAY = "5", "Zaterdag", "Saturday"
    SUNDAY = "6", "Zondag", "Sunday"
