"""Every closed list of the record, in both languages. Codes of the trade (HDN) stand in the remarks."""

from leadcrm.core.fields.terms import Terms


class Stage(Terms):
    """Where a lead stands. The late stages follow the status codes of HDN."""

    NEW = "new", "Nieuw", "New"
    ASSIGNED = "assigned", "Toegewezen", "Assigned"
    CONTACT_SOUGHT = "contact_sought", "Contact gezocht", "Contact sought"
    APPOINTMENT_PLANNED = "appointment_planned", "Afspraak gepland", "Appointment planned"
    NO_SHOW = "no_show", "Niet verschenen", "No-show"
    APPOINTMENT_HELD = "appointment_held", "Afspraak geweest", "Appointment held"
    ENGAGED = "engaged", "OTD getekend", "Engagement signed"
    INVENTORY = "inventory", "Inventarisatie", "Fact-finding"
    ADVICE = "advice", "Advies", "Advice"
    SUBMITTED = "submitted", "Aanvraag ingediend", "Application submitted"  # AX
    IN_PROCESS = "in_process", "In behandeling", "In process"  # SX10
    RATE_OFFER = "rate_offer", "Renteaanbod", "Rate offer"  # SX22
    AWAITING_PAPERS = "awaiting_papers", "Wacht op stukken", "Awaiting papers"  # SX12
    UNDERWRITING = "underwriting", "Dossier ter acceptatie", "Underwriting"  # SX04
    BINDING_OFFER = "binding_offer", "Bindende offerte", "Binding offer"  # SX23
    FINAL_APPROVAL = "final_approval", "Finaal akkoord", "Final approval"  # SX05
    PAID_OUT = "paid_out", "Gelden uitbetaald", "Paid out"  # SX26
    IN_SERVICE = "in_service", "Lening in beheer", "Loan in service"  # SX20
    REJECTED = "rejected", "Afgewezen", "Rejected"  # SX11
    ENDED = "ended", "Beëindigd", "Ended"  # SX16
    UNREACHABLE = "unreachable", "Niet bereikbaar", "Unreachable"
    NOT_INTERESTED = "not_interested", "Geen interesse", "Not interested"
    DUPLICATE = "duplicate", "Dubbel", "Duplicate"
    RETURNED = "returned", "Geretourneerd", "Returned"

    @property
    def is_closed(self) -> bool:
        return self in CLOSED


CLOSED = frozenset(
    {Stage.REJECTED, Stage.ENDED, Stage.UNREACHABLE, Stage.NOT_INTERESTED, Stage.DUPLICATE, Stage.RETURNED}
)
NEEDS_REASON = frozenset({Stage.REJECTED, Stage.ENDED, Stage.NOT_INTERESTED})  # the others say why by themselves
PIPELINE = tuple(stage for stage in Stage if stage not in CLOSED)
UNDER_WAY = PIPELINE[: PIPELINE.index(Stage.PAID_OUT)]  # somebody still has work with it
FUNNEL = tuple(stage for stage in PIPELINE if stage != Stage.NO_SHOW)  # a no-show came no further than its appointment


def rank_of(stage: Stage) -> int:
    """How far along a lead in this stage is, as leads_rank() in the database says it. Closing brings nobody further."""
    if stage in CLOSED:
        return 0
    return FUNNEL.index(Stage.APPOINTMENT_PLANNED if stage == Stage.NO_SHOW else stage)


class Goal(Terms):
    PURCHASE_EXISTING = "purchase_existing", "Aankoop bestaande bouw", "Purchase, existing home"
    PURCHASE_NEW = "purchase_new", "Aankoop nieuwbouw", "Purchase, new build"
    REMORTGAGE = "remortgage", "Oversluiten", "Remortgage"
    FURTHER_ADVANCE = "further_advance", "Verhogen of verbouwen", "Further advance or renovation"
    SUSTAINABILITY = "sustainability", "Verduurzamen", "Energy saving"
    BUY_OUT = "buy_out", "Uitkoop partner", "Buying out a partner"
    SECOND_HOME = "second_home", "Tweede woning", "Second home"
    OTHER = "other", "Overig", "Other"


class Urgency(Terms):
    WITHIN_1_MONTH = "within_1_month", "Binnen 1 maand", "Within 1 month"
    IN_1_TO_3_MONTHS = "in_1_to_3_months", "1 tot 3 maanden", "1 to 3 months"
    IN_3_TO_6_MONTHS = "in_3_to_6_months", "3 tot 6 maanden", "3 to 6 months"
    AFTER_6_MONTHS = "after_6_months", "Na 6 maanden", "After 6 months"
    EXPLORING = "exploring", "Oriënterend", "Exploring"


class ContactWay(Terms):
    PHONE = "phone", "Telefoon", "Telephone"
    EMAIL = "email", "E-mail", "E-mail"
    WHATSAPP = "whatsapp", "WhatsApp", "WhatsApp"
    SMS = "sms", "Sms", "Text message"
    VIDEO = "video", "Beeldbellen", "Video call"
    VISIT = "visit", "Afspraak op kantoor", "Visit to the office"


class Tongue(Terms):
    """The language in which somebody wants to be advised."""

    DUTCH = "nl", "Nederlands", "Dutch"
    ENGLISH = "en", "Engels", "English"
    GERMAN = "de", "Duits", "German"
    FRENCH = "fr", "Frans", "French"
    SPANISH = "es", "Spaans", "Spanish"
    PORTUGUESE = "pt", "Portugees", "Portuguese"
    ITALIAN = "it", "Italiaans", "Italian"
    POLISH = "pl", "Pools", "Polish"
    ROMANIAN = "ro", "Roemeens", "Romanian"
    UKRAINIAN = "uk", "Oekraïens", "Ukrainian"
    RUSSIAN = "ru", "Russisch", "Russian"
    TURKISH = "tr", "Turks", "Turkish"
    ARABIC = "ar", "Arabisch", "Arabic"
    FARSI = "fa", "Farsi", "Farsi"
    HINDI = "hi", "Hindi", "Hindi"
    CHINESE = "zh", "Chinees", "Chinese"
    PAPIAMENTO = "pap", "Papiaments", "Papiamento"
    OTHER = "other", "Andere taal", "Another language"


class ReturnReason(Terms):
    WRONG_CONTACT = "wrong_contact", "Contactgegevens kloppen niet", "Contact details are wrong"
    UNREACHABLE = "unreachable", "Niet bereikbaar", "Unreachable"
    DUPLICATE = "duplicate", "Al bekend bij ons", "Known to us already"
    NO_REQUEST = "no_request", "Geen aanvraag gedaan", "Made no request"
    OUTSIDE_REGION = "outside_region", "Buiten het werkgebied", "Outside our region"
    OUTSIDE_CRITERIA = "outside_criteria", "Past niet bij de afspraken", "Does not fit the agreement"


class Salutation(Terms):
    MR = "mr", "De heer", "Mr"
    MS = "ms", "Mevrouw", "Ms"
    NEUTRAL = "neutral", "Geen aanhef", "No salutation"


class Gender(Terms):
    MALE = "m", "Man", "Male"
    FEMALE = "f", "Vrouw", "Female"
    X = "x", "X", "X"
    UNKNOWN = "unknown", "Onbekend", "Unknown"


class MaritalStatus(Terms):
    SINGLE = "single", "Ongehuwd", "Single"
    COHABITING_CONTRACT = "cohabiting_contract", "Samenwonend met contract", "Cohabiting with a contract"
    COHABITING = "cohabiting", "Samenwonend zonder contract", "Cohabiting without a contract"
    MARRIED = "married", "Gehuwd", "Married"
    PARTNERSHIP = "partnership", "Geregistreerd partnerschap", "Registered partnership"
    DIVORCED = "divorced", "Gescheiden", "Divorced"
    WIDOWED = "widowed", "Weduwe of weduwnaar", "Widowed"


class PropertyRegime(Terms):
    LIMITED_COMMUNITY = "limited_community", "Beperkte gemeenschap van goederen", "Limited community of property"
    COMMUNITY = "community", "Algehele gemeenschap van goederen", "Full community of property"
    AGREEMENT = "agreement", "Voorwaarden", "Marital agreement"


class ResidencePermit(Terms):
    EU_CITIZEN = "eu_citizen", "EU/EER-burger", "EU/EEA citizen"
    PERMANENT = "permanent", "Verblijf voor onbepaalde tijd", "Permanent residence"
    TEMPORARY = "temporary", "Verblijf voor bepaalde tijd", "Temporary residence"
    NONE = "none", "Geen verblijfsvergunning", "No permit"


class IdDocument(Terms):
    PASSPORT = "passport", "Paspoort", "Passport"
    ID_CARD = "id_card", "Identiteitskaart", "Identity card"
    DRIVING_LICENCE = "driving_licence", "Rijbewijs", "Driving licence"
    RESIDENCE_CARD = "residence_card", "Verblijfsdocument", "Residence card"


class Employment(Terms):
    """Kinds of income; 10, 11 and 12 are codes of HDN."""

    PERMANENT = "10", "Loondienst vast", "Employed, permanent"
    TEMPORARY_INTENT = "11", "Tijdelijk met intentieverklaring", "Temporary with letter of intent"
    TEMPORARY = "12", "Tijdelijk zonder intentieverklaring", "Temporary without letter of intent"
    FLEXIBLE_PROSPECT = "flexible_prospect", "Flexibel met perspectiefverklaring", "Flexible with prospect statement"
    FLEXIBLE = "flexible", "Flexibel zonder perspectiefverklaring", "Flexible without prospect statement"
    SOLE_TRADER = "sole_trader", "Zelfstandig (zzp, eenmanszaak)", "Self-employed (sole trader)"
    PARTNER_IN_FIRM = "partner_in_firm", "Zelfstandig (vof, maatschap)", "Self-employed (partnership)"
    OWN_COMPANY = "own_company", "Directeur-grootaandeelhouder", "Director and main shareholder"
    PENSION = "pension", "Pensioen of AOW", "Pension"
    BENEFIT = "benefit", "Uitkering", "Benefit"
    ALIMONY = "alimony", "Alimentatie ontvangen", "Alimony received"
    LETTING = "letting", "Verhuur", "Letting"
    NONE = "none", "Geen inkomen", "No income"

    @property
    def is_self_employed(self) -> bool:
        return self in SELF_EMPLOYED


SELF_EMPLOYED = frozenset({Employment.SOLE_TRADER, Employment.PARTNER_IN_FIRM, Employment.OWN_COMPANY})
EMPLOYED = frozenset(
    {
        Employment.PERMANENT,
        Employment.TEMPORARY_INTENT,
        Employment.TEMPORARY,
        Employment.FLEXIBLE_PROSPECT,
        Employment.FLEXIBLE,
    }
)


class AgencyPhase(Terms):
    A = "A", "Fase A", "Phase A"
    B = "B", "Fase B", "Phase B"
    C = "C", "Fase C", "Phase C"
    NOT_APPLICABLE = "n/a", "Niet van toepassing", "Not applicable"


class IncomeMethod(Terms):
    IBL = "ibl", "Inkomensbepaling loondienst (IBL)", "Income determination (IBL)"
    EMPLOYER_STATEMENT = "employer_statement", "Werkgeversverklaring", "Employer's statement"
    PROSPECT_STATEMENT = "prospect_statement", "Perspectiefverklaring", "Prospect statement"
    LABOUR_MARKET_SCAN = "labour_market_scan", "Arbeidsmarktscan", "Labour market scan"
    ENTREPRENEUR_STATEMENT = (
        "entrepreneur_statement",
        "Inkomensverklaring ondernemer",
        "Entrepreneur's income statement",
    )


class ObligationKind(Terms):
    CREDIT = "credit", "Krediet of lening", "Credit or loan"
    CARD = "card", "Creditcard of rood staan", "Credit card or overdraft"
    LEASE = "lease", "Private lease", "Private lease"
    STUDENT_LOAN = "student_loan", "Studielening", "Student loan"
    ALIMONY = "alimony", "Alimentatie betalen", "Alimony paid"
    LEASEHOLD = "leasehold", "Erfpacht", "Leasehold"
    RESIDUAL_DEBT = "residual_debt", "Restschuld", "Residual debt"
    OTHER = "other", "Overig", "Other"


class StudentScheme(Terms):
    OLD = "old", "Oud stelsel (15 jaar)", "Old scheme (15 years)"
    NEW = "new", "Nieuw stelsel (35 jaar)", "New scheme (35 years)"


class Known(Terms):
    """Yes, no, or not known: an answer that somebody has to give."""

    YES = "yes", "Ja", "Yes"
    NO = "no", "Nee", "No"
    UNKNOWN = "unknown", "Weet niet", "Not known"


class AssetKind(Terms):
    SAVINGS = "savings", "Spaargeld", "Savings"
    INVESTMENTS = "investments", "Beleggingen", "Investments"
    GIFT = "gift", "Schenking", "Gift"
    EQUITY = "equity", "Overwaarde", "Equity"
    INSURANCE = "insurance", "Verzekering met waarde", "Insurance with a value"
    REAL_ESTATE = "real_estate", "Ander onroerend goed", "Other real estate"
    BUSINESS = "business", "Ondernemingsvermogen", "Business capital"
    CRYPTO = "crypto", "Crypto", "Crypto"
    OTHER = "other", "Overig", "Other"


class BuildType(Terms):
    EXISTING = "existing", "Bestaande bouw", "Existing build"  # HDN 01
    NEW = "new", "Nieuwbouw", "New build"


class Dwelling(Terms):
    APARTMENT = "apartment", "Appartement", "Apartment"
    TERRACED = "terraced", "Tussenwoning", "Terraced house"
    END_OF_TERRACE = "end_of_terrace", "Hoekwoning", "End of terrace"
    SEMI_DETACHED = "semi_detached", "Twee-onder-een-kap", "Semi-detached"
    DETACHED = "detached", "Vrijstaand", "Detached"
    HOUSEBOAT = "houseboat", "Woonboot", "Houseboat"
    MOBILE_HOME = "mobile_home", "Woonwagen", "Mobile home"
    MIXED_USE = "mixed_use", "Woon-winkelpand", "Home with shop"
    PLOT = "plot", "Kavel", "Building plot"
    OTHER = "other", "Anders", "Other"


class Repayment(Terms):
    ANNUITY = "annuity", "Annuïtair", "Annuity"
    LINEAR = "linear", "Lineair", "Linear"
    INTEREST_ONLY = "interest_only", "Aflossingsvrij", "Interest-only"
    SAVINGS = "savings", "Spaarhypotheek", "Savings mortgage"
    BANK_SAVINGS = "bank_savings", "Bankspaarhypotheek", "Bank savings mortgage"


class Box(Terms):
    """Where the interest counts for income tax."""

    ONE = "1", "Box 1", "Box 1"
    THREE = "3", "Box 3", "Box 3"


class ConsentChannel(Terms):
    EMAIL = "email", "E-mail", "E-mail"
    PHONE = "phone", "Telefoon", "Telephone"
    SMS = "sms", "Sms", "Text message"
    WHATSAPP = "whatsapp", "WhatsApp", "WhatsApp"
    POST = "post", "Post", "Post"
    WEBSITE = "website", "Website", "Website"


class ConsentPurpose(Terms):
    ADVICE = "advice", "Contact over dit advies", "Contact about this advice"
    SHARING = "sharing", "Delen met een adviseur", "Sharing with an adviser"
    NEWSLETTER = "newsletter", "Nieuwsbrief", "Newsletter"
    AFTERCARE = "aftercare", "Nazorg", "After-care"
    TRACKING = "tracking", "Meten of mail geopend is", "Measuring whether mail is opened"


class Phase(Terms):
    """The stages in six steps, for who wants to see at a glance where a lead stands."""

    INTAKE = "intake", "Nieuw", "New"
    CONTACT = "contact", "Contact", "Contact"
    ADVICE = "advice", "Advies", "Advice"
    APPLICATION = "application", "Aanvraag", "Application"
    OFFER = "offer", "Offerte", "Offer"
    DONE = "done", "Afgerond", "Done"


_STARTS = {
    Stage.NEW: Phase.INTAKE,
    Stage.CONTACT_SOUGHT: Phase.CONTACT,
    Stage.ENGAGED: Phase.ADVICE,
    Stage.SUBMITTED: Phase.APPLICATION,
    Stage.BINDING_OFFER: Phase.OFFER,
    Stage.PAID_OUT: Phase.DONE,
}


def phase_of(stage: Stage) -> Phase | None:
    """None for a closed lead: it is in no phase any more."""
    if stage in CLOSED:
        return None
    passed = PIPELINE[: PIPELINE.index(stage) + 1]
    return _STARTS[next(each for each in reversed(passed) if each in _STARTS)]


def next_stage(stage: Stage) -> Stage | None:
    """The usual step after this one."""
    if stage in CLOSED or stage == PIPELINE[-1]:
        return None
    after = PIPELINE[PIPELINE.index(stage) + 1]
    return Stage.APPOINTMENT_HELD if after == Stage.NO_SHOW else after
