"""Other words for fields and values, as found in files of lead suppliers and in public sets."""

from functools import cache

from leadcrm.core.fields.terms import Terms
from leadcrm.leads.models.terms import (
    BuildType,
    Dwelling,
    Employment,
    Gender,
    Goal,
    Known,
    MaritalStatus,
    Repayment,
    Salutation,
)

# What people write for "nothing here". HMDA writes NA and Exempt.
EMPTY = frozenset({
    "", "na", "n/a", "#n/a", "nan", "null", "nil", "none", "-", "--", "?", ".", "exempt", "n.v.t.", "nvt", "n.b.",
    "(leeg)", "#value!", "#ref!", "#naam?", "#n/b",
})  # fmt: skip

# Of a person, with or without the words below before or behind.
PERSON = {
    "email": "e mailadres|emailadres|mail|mailadres|email address|emailaddress|e mail address",
    "phone": "telefoonnummer|tel|telnr|tel nr|mobiel|mobiele nummer|mobielnummer|gsm|phone number|phonenumber|mobile|"
             "mobile phone|cell|cellphone|telefoon mobiel|telefoon 1|telefoon prive",
    "full_name": "naam|volledige naam|name|full name|fullname|klantnaam|naam klant|client|klant|contactpersoon|"
                 "customer name|aanvrager|applicant|applicant name|mede aanvrager|partner",
    "birth_name": "achternaam|last name|lastname|surname|family name|naam achternaam|geboortenaam achternaam",
    "call_name": "voornaam|first name|firstname|given name|forename",
    "infix": "tussenvoegsels|tussenv|voorvoegsel|prefix|name infix",
    "initials": "voorletter|initialen",
    "birth_date": "geb datum|gebdatum|geboren|geboren op|date of birth|dateofbirth|dob|birthdate|birthday",
    "gender": "sex|m v|man vrouw",
    "salutation": "titel|title|dhr mevr",
    "postcode": "postal code|postalcode|zip|zipcode|zip code|pc",
    "house_number": "huisnr|nr|nummer huis|housenumber|house no|huisnummer en toevoeging",
    "house_suffix": "huisnummertoevoeging|huisnr toevoeging|toev|house number suffix|house number addition|huisletter",
    "street": "straatnaam|street name",
    "full_street": "adres|address|straat en huisnummer|street and number|adresregel 1|address line 1",
    "city": "woonplaats|stad|gemeente|town",
    "marital_status": "married|gehuwd|getrouwd|marital state|burgelijke staat",
    "children": "dependents|aantal kinderen|number of children|kids",
    "iban": "rekeningnummer|bankrekening|bankrekeningnummer|iban nummer|account number",
}  # fmt: skip

INCOME = {
    "gross_year": "income|inkomen|salaris|salary|jaarinkomen|bruto inkomen|brutoinkomen|bruto jaarsalaris|"
                  "annual income|yearly income|gross income|toetsinkomen|jaarsalaris|monthly income|"
                  "maandinkomen|bruto maandinkomen",
    "employment": "dienstverband|soort dienstverband|soort dienstbetrekking|contract|contractvorm|employment|"
                  "employment type|self employed|selfemployed|zelfstandig|ondernemer",
    "employer": "bedrijf|employer name|werkgever naam",
    "started_on": "datum in dienst|in dienst|employed since",
}  # fmt: skip

HERS = ("applicant", "aanvrager", "hoofdaanvrager", "klant", "client", "contact", "1")
PARTNERS = (
    "partner", "mede aanvrager", "medeaanvrager", "co applicant", "coapplicant", "tweede aanvrager", "co borrower", "2",
)  # fmt: skip

OTHER = {
    "lead.external_reference": "loan id|application id|aanvraagnummer|aanvraag id|lead id|leadnummer|lead nummer|id|"
                               "nummer|referentie|reference|kenmerk|dossiernummer|klantnummer|external id|uniek nummer",
    "lead.goal": "doel hypotheek|hypotheekdoel|loan purpose|purpose|soort aanvraag|type aanvraag",
    "lead.urgency": "wanneer|planning|hoe snel",
    "lead.source_id": "bron|source|herkomst|kanaal|channel",
    "lead.label_id": "merk|brand|campagnelabel",
    "lead.supplier_id": "leverancier naam|supplier|vendor|partij",
    "lead.owner_id": "adviseur|adviser|advisor|eigenaar|owner|agent|behandelaar|accountmanager|toegewezen aan",
    "lead.lead_cost": "prijs|price|kosten|cost|leadprijs|bedrag lead",
    "lead.next_action": "opvolging|vervolgactie|taak",
    "lead.best_time": "bereikbaar|beste tijd|best time to call|terugbelmoment",
    "lead.preferred_contact": "contactvoorkeur|voorkeur contact",
    "lead.landing": "url|pagina|landing page|landingpage",
    "property.market_value": "property value|propertyvalue|woningwaarde|waarde woning|waarde onderpand|taxatiewaarde|"
                             "home value|house value",
    "property.purchase_price": "aankoopprijs|aankoopbedrag|koopprijs|vraagprijs|purchaseprice|sale price",
    "property.woz_value": "woz|wozwaarde",
    "property.energy_label": "label energie|energy rating|energieklasse",
    "property.build_type": "bouwtype|bestaand nieuwbouw",
    "property.dwelling": "type woning|soort woning|dwelling category|property type",
    "wish.mortgage_amount": "loan amount|loanamount|lening|leenbedrag|leningbedrag|hypotheek|hypotheeksom|"
                            "gewenste hypotheek|gewenst hypotheekbedrag|mortgage|requested amount",
    "wish.own_funds": "eigen inbreng|eigen middelen|spaargeld|deposit|down payment",
    "wish.bridging": "overbrugging",
    "wish.nhg_wanted": "nhg|national mortgage guarantee",
    "loan_part.rate": "interest rate|interestrate|rentepercentage|hypotheekrente|interest",
    "loan_part.term_months": "loan amount term|loan term|looptijd|looptijd maanden|looptijd jaren|term|duration",
    "loan_part.fixed_months": "rvp|rentevast|rentevaste periode maanden|rentevaste periode jaren|fixed period",
    "existing.lender": "huidige geldverstrekker|geldverstrekker|hypotheekverstrekker|bank|current lender",
    "existing.current_balance": "restschuld hypotheek|huidige hypotheek|openstaande hypotheek|restant hypotheek|"
                                "hoofdsom",
    "existing.rate_end": "einddatum rente|rente einddatum|einde rvp|einde rentevast",
}  # fmt: skip

VALUES: dict[type[Terms], dict[Terms, str]] = {
    Gender: {
        Gender.MALE: "male|mannelijk|dhr|dhr.|heer",
        Gender.FEMALE: "v|w|vrouwelijk|woman|mevr|mevr.|mw|mw.|mevrouw",
        Gender.UNKNOWN: "onb|u|anders|other|o",
    },
    Salutation: {
        Salutation.MR: "dhr|dhr.|heer|mr.|m|man|male",
        Salutation.MS: "mevr|mevr.|mw|mw.|mrs|mrs.|ms.|v|vrouw|f|female",
    },
    MaritalStatus: {
        MaritalStatus.MARRIED: "getrouwd|yes|ja|y|j",
        MaritalStatus.SINGLE: "alleenstaand|vrijgezel|no|nee|n|unmarried",
        MaritalStatus.PARTNERSHIP: "gp|partnerschap|geregistreerd partner",
        MaritalStatus.COHABITING_CONTRACT: "samenlevingscontract",
        MaritalStatus.WIDOWED: "weduwe|weduwnaar|widow|widower",
    },
    Employment: {
        Employment.PERMANENT: "vast|loondienst|vast contract|permanent|employed",
        Employment.TEMPORARY: "tijdelijk|tijdelijk contract|temporary",
        Employment.FLEXIBLE: "flex|flexibel|uitzendkracht|oproepkracht|uitzend",
        Employment.SOLE_TRADER: "zzp|zzp'er|zelfstandig|eenmanszaak|ondernemer|self-employed",
        Employment.PARTNER_IN_FIRM: "vof|maatschap",
        Employment.OWN_COMPANY: "dga|bv|b.v.",
        Employment.PENSION: "pensioen|aow|gepensioneerd|retired",
        Employment.BENEFIT: "uitkering|ww|wia|wao|bijstand",
    },
    Goal: {
        Goal.PURCHASE_EXISTING: "aankoop|aankoop bestaand|kopen|koop|purchase|home purchase",
        Goal.PURCHASE_NEW: "nieuwbouw|new build",
        Goal.REMORTGAGE: "herfinancieren|refinance|refinancing",
        Goal.FURTHER_ADVANCE: "verhogen|verbouwen|verbouwing|home improvement",
    },
    Dwelling: {
        Dwelling.APARTMENT: "flat|appartement|etage",
        Dwelling.TERRACED: "rijtjeshuis|tussenhuis|rijwoning|eengezinswoning",
        Dwelling.SEMI_DETACHED: "2-onder-1-kap|2 onder 1 kap|twee onder een kap",
        Dwelling.DETACHED: "villa|vrijstaande woning",
    },
    BuildType: {BuildType.EXISTING: "bestaand|01|existing home"},
    Repayment: {
        Repayment.ANNUITY: "annuitair|annuiteit|annuïteit",
        Repayment.INTEREST_ONLY: "aflossingsvrije|interest only",
    },
    Known: {Known.YES: "j|y|1|true", Known.NO: "n|0|false", Known.UNKNOWN: "onbekend"},
}


@cache
def values_of(terms: type[Terms]) -> dict[str, Terms]:
    """The member of a list by every other word for it."""
    return {word: member for member, words in VALUES.get(terms, {}).items() for word in words.split("|")}


# A column that asks one thing of the list: what yes and no then mean.
ANSWERS = {"self employed": ("sole_trader", ""), "zelfstandig": ("sole_trader", ""), "ondernemer": ("sole_trader", "")}
