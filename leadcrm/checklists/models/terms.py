"""The closed lists of checklists."""

from leadcrm.core.fields.terms import Terms


class Per(Terms):
    """Of what there is to be one."""

    HOUSEHOLD = "household", "Eén keer", "Once"
    PERSON = "person", "Per aanvrager", "For each applicant"
    INCOME = "income", "Per inkomen", "For each income"
    OBLIGATION = "obligation", "Per verplichting", "For each obligation"


class Situation(Terms):
    """When it is asked for, beside goal and income."""

    ALWAYS = "always", "Altijd", "Always"
    OWN_FUNDS = "own_funds", "Met eigen geld", "With own funds"
    GIFT = "gift", "Met een schenking", "With a gift"
    HAS_MORTGAGE = "has_mortgage", "Met een lopende hypotheek", "With an existing mortgage"
    RENOVATION = "renovation", "Met een verbouwing", "With a renovation"
    LEASEHOLD = "leasehold", "Op erfpacht", "On leasehold"
    APARTMENT = "apartment", "Bij een appartement", "With an apartment"
    ENERGY_SAVING = "energy_saving", "Met energiebesparing", "With energy saving"
    NHG = "nhg", "Met NHG", "With NHG"
    DIVORCED = "divorced", "Gescheiden", "Divorced"
    MARRIAGE_TERMS = "marriage_terms", "Gehuwd op voorwaarden", "Married under an agreement"
    RESIDENCE_PERMIT = "residence_permit", "Met een verblijfsvergunning", "With a residence permit"
    STUDENT_LOAN = "student_loan", "Met een studielening", "With a student loan"
    CREDIT = "credit", "Met een krediet of lening", "With a credit or loan"
    ALIMONY_PAID = "alimony_paid", "Betaalt alimentatie", "Pays alimony"


class Mark(Terms):
    """What an adviser said about one item."""

    CHECKED = "checked", "Gecontroleerd", "Checked"
    NOT_NEEDED = "not_needed", "Niet nodig", "Not needed"


class ItemState(Terms):
    """Where one item of a list stands."""

    MISSING = "missing", "Ontbreekt", "Missing"
    EXPIRED = "expired", "Verlopen", "Out of date"
    ARRIVED = "arrived", "Binnen", "Arrived"
    CHECKED = "checked", "Gecontroleerd", "Checked"
    NOT_NEEDED = "not_needed", "Niet nodig", "Not needed"


class RemindAfter(Terms):
    THREE_DAYS = "3", "Over 3 dagen", "In 3 days"
    A_WEEK = "7", "Over een week", "In a week"
    TWO_WEEKS = "14", "Over twee weken", "In two weeks"
