"""What a document probably is, by the name that somebody gave its file. A guess to correct, never more."""

import re

from leadcrm.documents.models.terms import DocumentKind
from leadcrm.leads.services.names import normalised

# The first that fits counts, so what is more particular stands above.
WORDS: tuple[tuple[DocumentKind, str], ...] = (
    (DocumentKind.RESIDENCE_PERMIT, r"verblijfs?(vergunning|document)|residence permit"),
    (DocumentKind.IDENTITY, r"paspoort|passport|identiteit|id[ -]?(kaart|bewijs|card)|legitimatie"),
    (DocumentKind.DIVORCE, r"echtscheiding|scheidings?convenant|convenant|divorce"),
    (DocumentKind.MARRIAGE_TERMS, r"huwelijks(e )?voorwaarden|huwvw|prenup|samenlevings(contract|overeenkomst)"),
    (DocumentKind.EMPLOYER_STATEMENT, r"werkgevers?verklaring|wgv|intentieverklaring|employer"),
    (DocumentKind.INSURED_WAGES, r"verzekeringsbericht|uwv[ -]?bericht|arbeidsverleden"),
    (DocumentKind.PAYSLIP, r"loon(strook|specificatie|slip)|salaris(strook|specificatie)|payslip|salary"),
    (DocumentKind.ANNUAL_STATEMENT, r"jaaropgaa?ve|jaaropgaaf|annual statement"),
    (DocumentKind.BENEFIT, r"uitkering|benefit"),
    (DocumentKind.PENSION, r"pensioen|upo|pension"),
    (DocumentKind.ANNUAL_ACCOUNTS, r"jaar(cijfers|rekening|stukken|verslag)|annual accounts"),
    (DocumentKind.TAX_RETURN, r"(ib[ -]?)?aangifte|tax return"),
    (DocumentKind.TAX_ASSESSMENT, r"(belasting ?)?aanslag|tax assessment"),
    (DocumentKind.ENTREPRENEUR_INCOME, r"inkomensverklaring"),
    (DocumentKind.STUDENT_LOAN, r"duo|studie(schuld|lening|financiering)|student"),
    (DocumentKind.CREDIT_REGISTER, r"bkr"),
    (DocumentKind.GIFT, r"schenking|gift"),
    (DocumentKind.BANK_STATEMENT, r"(bank|rekening)[ -]?afschrift|bank statement|afschriften?"),
    (DocumentKind.SAVINGS, r"spaar|belegging|vermogen|savings"),
    (DocumentKind.BUILDING_CONTRACT, r"aanneem|aanneming|meerwerk|building contract"),
    (DocumentKind.PURCHASE_CONTRACT, r"koop ?(overeenkomst|contract|akte)|purchase"),
    (DocumentKind.RENOVATION, r"verbouwing|renovatie|offerte (keuken|badkamer|aannemer)|renovation"),
    (DocumentKind.MUNICIPAL_VALUE, r"woz"),
    (DocumentKind.VALUATION, r"taxatie|waarderapport|valuation"),
    (DocumentKind.SURVEY, r"bouwkundig|bouwtechnisch|survey"),
    (DocumentKind.ENERGY_LABEL, r"energie ?label|energy"),
    (DocumentKind.LEASEHOLD, r"erfpacht|leasehold"),
    (DocumentKind.OWNERS_ASSOCIATION, r"vve|vereniging van eigenaren|splitsings?akte"),
    (DocumentKind.DEED, r"eigendoms?(akte|bewijs)|leverings?akte|hypotheekakte|deed"),
    (DocumentKind.MORTGAGE_OFFER, r"(hypotheek)?offerte|bindend aanbod|renteaanbod|mortgage offer"),
    (DocumentKind.CURRENT_MORTGAGE, r"hypotheek ?(overzicht|opgave)|overzicht (huidige )?hypotheek|restschuld"),
    (DocumentKind.LOAN, r"lening|krediet|loan|lease"),
    (DocumentKind.INSURANCE, r"verzekering|polis|insurance"),
    (DocumentKind.ADVICE, r"advies ?rapport|advice"),
    (DocumentKind.ENGAGEMENT, r"opdracht|dienstverlening|ovd|engagement"),
)  # fmt: skip
_PATTERNS = tuple((kind, re.compile(rf"(?<![a-z])(?:{words})")) for kind, words in WORDS)


def kind_of(name: str) -> DocumentKind:
    words = re.sub(r"[_.+]|(?<=[a-z])(?=[0-9])", " ", normalised(name))
    return next((kind for kind, pattern in _PATTERNS if pattern.search(words)), DocumentKind.OTHER)
