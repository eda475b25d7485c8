"""What is asked for until a company says otherwise: the papers that Dutch lenders usually want.

Companies change every line (models/rule.py). What is improved here reaches all who left it as it was.
"""

from dataclasses import dataclass
from uuid import UUID, uuid5

from leadcrm.checklists.models.terms import Per, Situation
from leadcrm.core.fields.language import in_dutch
from leadcrm.documents.models.terms import DocumentKind as Kind
from leadcrm.leads.models.terms import EMPLOYED, SELF_EMPLOYED, Employment, Goal

NAMESPACE = UUID("1d0f8f57-8a3f-4f1c-9a5b-6f2f5f0f7c11")  # of the addresses of defaults


@dataclass(frozen=True)
class Want:
    """One line of a template. Without goals or incomes it is for all of them."""

    key: str
    kind: Kind
    name_nl: str
    name_en: str | None
    ask_nl: str | None = None
    ask_en: str | None = None
    per: Per = Per.HOUSEHOLD
    situation: Situation = Situation.ALWAYS
    goals: frozenset[str] = frozenset()
    incomes: frozenset[str] = frozenset()
    copies: int = 1
    months: int | None = None
    active: bool = True
    id: UUID = NAMESPACE  # in addresses

    @property
    def name(self) -> str:
        return self.name_nl if in_dutch() else self.name_en or self.name_nl

    @property
    def ask(self) -> str:
        return (self.ask_nl if in_dutch() else self.ask_en or self.ask_nl) or ""


BUYING = frozenset({Goal.PURCHASE_EXISTING, Goal.PURCHASE_NEW, Goal.SECOND_HOME})
STAYING = frozenset({Goal.REMORTGAGE, Goal.FURTHER_ADVANCE, Goal.SUSTAINABILITY, Goal.BUY_OUT})
SALARIED = frozenset(EMPLOYED)
ENTREPRENEURS = frozenset(SELF_EMPLOYED)
FLEXIBLE = frozenset({Employment.FLEXIBLE})

_PERSONS = (
    Want(
        "identity", Kind.IDENTITY, "Identiteitsbewijs", "Identity document",
        "Een foto of scan van uw paspoort of identiteitskaart. Maak uw pasfoto en burgerservicenummer (BSN) eerst "
        "onleesbaar, bijvoorbeeld met de app KopieID van de overheid.",
        "A photo or scan of your passport or identity card. First make your picture and citizen service number (BSN) "
        "unreadable, for example with the government's KopieID app.",
        per=Per.PERSON,
    ),
    Want(
        "residence_permit", Kind.RESIDENCE_PERMIT, "Verblijfsvergunning", "Residence permit",
        "Een foto van de voorkant en de achterkant.", "A photo of the front and the back.",
        per=Per.PERSON, situation=Situation.RESIDENCE_PERMIT,
    ),
    Want(
        "divorce", Kind.DIVORCE, "Echtscheidingsconvenant", "Divorce agreement",
        "De afspraken die u bij de scheiding maakte, met de beschikking van de rechter.",
        "What you agreed at the divorce, with the decision of the court.",
        per=Per.PERSON, situation=Situation.DIVORCED,
    ),
    Want(
        "marriage_terms", Kind.MARRIAGE_TERMS, "Huwelijkse voorwaarden", "Marital agreement",
        "De akte van de notaris.", "The deed of the notary.", situation=Situation.MARRIAGE_TERMS,
    ),
)
_INCOMES = (
    Want(
        "payslip", Kind.PAYSLIP, "Laatste loonstrook", "Latest payslip",
        "De nieuwste die u heeft, niet ouder dan drie maanden. U krijgt hem van uw werkgever.",
        "The newest that you have, at most three months old. Your employer gives it to you.",
        per=Per.INCOME, incomes=SALARIED, months=3,
    ),
    Want(
        "employer_statement", Kind.EMPLOYER_STATEMENT, "Werkgeversverklaring", "Employer's statement",
        "Een formulier dat uw werkgever voor u invult en ondertekent, niet ouder dan drie maanden.",
        "A form that your employer fills in and signs for you, at most three months old.",
        per=Per.INCOME, incomes=SALARIED - FLEXIBLE, months=3,
    ),
    Want(
        "insured_wages", Kind.INSURED_WAGES, "Verzekeringsbericht UWV", "UWV wage record",
        "U haalt het op bij mijn.uwv.nl met uw DigiD en slaat het op als PDF.",
        "You get it at mijn.uwv.nl with your DigiD and save it as a PDF.",
        per=Per.INCOME, incomes=SALARIED, months=3,
    ),
    Want(
        "annual_statement", Kind.ANNUAL_STATEMENT, "Jaaropgaven van de laatste drie jaar",
        "Annual statements of the last three years",
        "Eén per jaar; u kreeg ze van uw werkgever of uitzendbureau.",
        "One for each year; your employer or agency gave them to you.",
        per=Per.INCOME, incomes=FLEXIBLE, copies=3,
    ),
    Want(
        "annual_accounts", Kind.ANNUAL_ACCOUNTS, "Jaarcijfers van de laatste drie jaar",
        "Annual accounts of the last three years",
        "Uw boekhouder heeft ze voor u.", "Your accountant has them for you.",
        per=Per.INCOME, incomes=ENTREPRENEURS, copies=3,
    ),
    Want(
        "tax_return", Kind.TAX_RETURN, "Aangiften inkomstenbelasting van de laatste drie jaar",
        "Income tax returns of the last three years",
        "U vindt ze op mijnbelastingdienst.nl of bij uw boekhouder.",
        "You find them at mijnbelastingdienst.nl or with your accountant.",
        per=Per.INCOME, incomes=ENTREPRENEURS, copies=3,
    ),
    Want(
        "tax_assessment", Kind.TAX_ASSESSMENT, "Laatste belastingaanslag", "Latest tax assessment",
        "De definitieve aanslag inkomstenbelasting; anders de voorlopige.",
        "The final income tax assessment; otherwise the provisional one.",
        per=Per.INCOME, incomes=ENTREPRENEURS,
    ),
    Want(
        "pension", Kind.PENSION, "Pensioenspecificatie", "Pension statement",
        "Het overzicht van uw pensioenfonds en van uw AOW.",
        "The statement of your pension fund and of your state pension.",
        per=Per.INCOME, incomes=frozenset({Employment.PENSION}),
    ),
    Want(
        "benefit", Kind.BENEFIT, "Toekenning van uw uitkering", "Decision on your benefit",
        "De brief waarin staat welke uitkering u krijgt en tot wanneer, en de laatste specificatie.",
        "The letter that says which benefit you get and until when, and the latest statement.",
        per=Per.INCOME, incomes=frozenset({Employment.BENEFIT}),
    ),
    Want(
        "alimony_received", Kind.BANK_STATEMENT, "Bewijs van ontvangen alimentatie", "Proof of alimony received",
        "Een bankafschrift waarop u de betaling ziet.", "A bank statement that shows the payment.",
        per=Per.INCOME, incomes=frozenset({Employment.ALIMONY}), months=3,
    ),
    Want(
        "letting", Kind.OTHER, "Huurovereenkomst", "Tenancy agreement",
        "De overeenkomst met uw huurder.", "The agreement with your tenant.",
        per=Per.INCOME, incomes=frozenset({Employment.LETTING}),
    ),
)
_OBLIGATIONS = (
    Want(
        "student_loan", Kind.STUDENT_LOAN, "Overzicht van uw studieschuld", "Statement of your student debt",
        "U haalt het op bij mijn.duo.nl met uw DigiD.", "You get it at mijn.duo.nl with your DigiD.",
        per=Per.OBLIGATION, situation=Situation.STUDENT_LOAN, months=3,
    ),
    Want(
        "credit", Kind.LOAN, "Overzicht van uw lening", "Statement of your loan",
        "Met wat u nog moet betalen; u vindt het bij uw bank of kredietverstrekker.",
        "With what you still owe; your bank or lender has it.",
        per=Per.OBLIGATION, situation=Situation.CREDIT, months=3,
    ),
    Want(
        "alimony_paid", Kind.DIVORCE, "Afspraken over alimentatie", "Agreement on alimony",
        "Het convenant of de beschikking waarin het bedrag staat.",
        "The agreement or court decision that names the amount.",
        per=Per.OBLIGATION, situation=Situation.ALIMONY_PAID,
    ),
)
_HOME = (
    Want(
        "purchase_contract", Kind.PURCHASE_CONTRACT, "Koopovereenkomst", "Purchase contract",
        "Alle bladzijden, door koper en verkoper ondertekend.", "All pages, signed by buyer and seller.",
        goals=frozenset({Goal.PURCHASE_EXISTING, Goal.SECOND_HOME}),
    ),
    Want(
        "building_contract", Kind.BUILDING_CONTRACT, "Koop- en aannemingsovereenkomst",
        "Purchase and building contract",
        "Alle bladzijden, ondertekend, met de lijst van meerwerk.", "All pages, signed, with the list of extra work.",
        goals=frozenset({Goal.PURCHASE_NEW}),
    ),
    Want(
        "valuation", Kind.VALUATION, "Taxatierapport", "Valuation report",
        "Het gevalideerde rapport van de taxateur, niet ouder dan zes maanden.",
        "The validated report of the valuer, at most six months old.",
        goals=(BUYING | STAYING) - {Goal.PURCHASE_NEW}, months=6,
    ),
    Want(
        "energy_label", Kind.ENERGY_LABEL, "Energielabel", "Energy label",
        "U kunt het opzoeken op ep-online.nl.", "You can look it up at ep-online.nl.",
        goals=frozenset({Goal.PURCHASE_EXISTING, Goal.SUSTAINABILITY, Goal.SECOND_HOME}),
    ),
    Want(
        "renovation", Kind.RENOVATION, "Verbouwingsspecificatie", "Renovation plan",
        "Wat u wilt verbouwen en wat het kost, met offertes als u die heeft.",
        "What you want to renovate and what it costs, with quotes if you have them.",
        situation=Situation.RENOVATION,
    ),
    Want(
        "energy_saving", Kind.RENOVATION, "Offertes voor energiebesparing", "Quotes for energy saving",
        "Bijvoorbeeld van isolatie, een warmtepomp of zonnepanelen.",
        "For example for insulation, a heat pump or solar panels.",
        situation=Situation.ENERGY_SAVING,
    ),
    Want(
        "leasehold", Kind.LEASEHOLD, "Erfpachtstukken", "Leasehold papers",
        "De akte en de voorwaarden van de erfpacht.", "The deed and the terms of the leasehold.",
        situation=Situation.LEASEHOLD,
    ),
    Want(
        "owners_association", Kind.OWNERS_ASSOCIATION, "Stukken van de VvE", "Papers of the owners' association",
        "De splitsingsakte en de bijdrage per maand.", "The deed of division and the monthly contribution.",
        situation=Situation.APARTMENT,
    ),
)
_MONEY = (
    Want(
        "own_funds", Kind.SAVINGS, "Bewijs van uw eigen geld", "Proof of your own funds",
        "Een overzicht van uw spaarrekening of beleggingen met uw naam en het saldo.",
        "A statement of your savings or investments with your name and the balance.",
        situation=Situation.OWN_FUNDS, months=3,
    ),
    Want(
        "gift", Kind.GIFT, "Schenkingsverklaring", "Gift declaration",
        "Een verklaring van wie het geld schenkt, ondertekend.", "A signed declaration of whoever gives the money.",
        situation=Situation.GIFT,
    ),
    Want(
        "current_mortgage", Kind.CURRENT_MORTGAGE, "Overzicht van uw huidige hypotheek",
        "Statement of your current mortgage",
        "Met de leningdelen, de rente en wat u nog moet betalen; u vindt het bij uw bank.",
        "With the loan parts, the rate and what you still owe; your bank has it.",
        situation=Situation.HAS_MORTGAGE,
    ),
    Want(
        "municipal_value", Kind.MUNICIPAL_VALUE, "WOZ-beschikking", "Municipal valuation (WOZ)",
        "De brief van de gemeente met de waarde van uw woning.",
        "The letter of the municipality with the value of your home.",
        goals=STAYING,
    ),
)


def _with_id(want: Want) -> Want:
    return Want(**{**want.__dict__, "id": uuid5(NAMESPACE, want.key)})


_ALL = (*_PERSONS, *_INCOMES, *_OBLIGATIONS, *_HOME, *_MONEY)
DEFAULTS: dict[str, Want] = {want.key: _with_id(want) for want in _ALL}
