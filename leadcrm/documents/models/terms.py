"""The closed lists of documents: what they are, where they stand, how they came."""

from leadcrm.core.fields.terms import Terms


class DocumentKind(Terms):
    """What a document is, in the order in which an adviser asks for them."""

    IDENTITY = "identity", "Identiteitsbewijs", "Identity document"
    RESIDENCE_PERMIT = "residence_permit", "Verblijfsvergunning", "Residence permit"
    DIVORCE = "divorce", "Echtscheidingsconvenant", "Divorce agreement"
    MARRIAGE_TERMS = "marriage_terms", "Huwelijkse voorwaarden", "Prenuptial agreement"
    PAYSLIP = "payslip", "Loonstrook", "Payslip"
    EMPLOYER_STATEMENT = "employer_statement", "Werkgeversverklaring", "Employer's statement"
    ANNUAL_STATEMENT = "annual_statement", "Jaaropgave", "Annual income statement"
    INSURED_WAGES = "insured_wages", "Verzekeringsbericht UWV", "UWV wage record"
    BENEFIT = "benefit", "Uitkeringsspecificatie", "Benefit statement"
    PENSION = "pension", "Pensioenoverzicht", "Pension statement"
    ANNUAL_ACCOUNTS = "annual_accounts", "Jaarcijfers", "Annual accounts"
    TAX_RETURN = "tax_return", "Aangifte inkomstenbelasting", "Income tax return"
    TAX_ASSESSMENT = "tax_assessment", "Belastingaanslag", "Tax assessment"
    ENTREPRENEUR_INCOME = "entrepreneur_income", "Inkomensverklaring ondernemer", "Entrepreneur's income statement"
    BANK_STATEMENT = "bank_statement", "Bankafschrift", "Bank statement"
    SAVINGS = "savings", "Overzicht spaargeld of beleggingen", "Statement of savings or investments"
    GIFT = "gift", "Schenkingsverklaring", "Gift declaration"
    LOAN = "loan", "Overzicht lening of krediet", "Statement of a loan or credit"
    STUDENT_LOAN = "student_loan", "Overzicht studieschuld DUO", "Statement of student debt (DUO)"
    CREDIT_REGISTER = "credit_register", "BKR-overzicht", "BKR credit record"
    PURCHASE_CONTRACT = "purchase_contract", "Koopovereenkomst", "Purchase contract"
    BUILDING_CONTRACT = "building_contract", "Koop-/aannemingsovereenkomst", "Purchase and building contract"
    RENOVATION = "renovation", "Verbouwingsspecificatie", "Renovation quote"
    VALUATION = "valuation", "Taxatierapport", "Valuation report"
    SURVEY = "survey", "Bouwkundig rapport", "Structural survey"
    ENERGY_LABEL = "energy_label", "Energielabel", "Energy label"
    MUNICIPAL_VALUE = "municipal_value", "WOZ-beschikking", "Municipal valuation (WOZ)"
    DEED = "deed", "Eigendomsakte", "Title deed"
    LEASEHOLD = "leasehold", "Erfpachtstukken", "Leasehold papers"
    OWNERS_ASSOCIATION = "owners_association", "Stukken VvE", "Owners' association papers"
    CURRENT_MORTGAGE = "current_mortgage", "Overzicht huidige hypotheek", "Statement of the current mortgage"
    MORTGAGE_OFFER = "mortgage_offer", "Hypotheekofferte", "Mortgage offer"
    INSURANCE = "insurance", "Verzekeringspolis", "Insurance policy"
    ADVICE = "advice", "Adviesrapport", "Advice report"
    ENGAGEMENT = "engagement", "Opdracht tot dienstverlening", "Engagement letter"
    OTHER = "other", "Anders", "Other"


class State(Terms):
    """Where a file stands: nobody reads it before it has been checked, and nobody reads a refused one."""

    QUARANTINED = "quarantined", "Wordt gecontroleerd", "Being checked"
    AVAILABLE = "available", "Beschikbaar", "Available"
    REFUSED = "refused", "Geweigerd", "Refused"


class Through(Terms):
    """How a file came in."""

    UPLOAD = "upload", "Toegevoegd door een collega", "Added by a colleague"
    CLIENT_LINK = "client_link", "Aangeleverd door de klant", "Delivered by the client"
