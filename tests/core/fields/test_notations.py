"""Every notation that people type, and what it becomes; what is refused."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from leadcrm.core.fields.dates import BirthDate, Date, Moment, age
from leadcrm.core.fields.kinds import Invalid, Kind
from leadcrm.core.fields.language import speaking
from leadcrm.core.fields.money import Money, Percentage, Whole, Year
from leadcrm.core.fields.people import Email, Iban, Kvk, Phone
from leadcrm.core.fields.places import Country, EnergyLabel, HouseNumber, HouseNumberSuffix, Nationality, Postcode
from leadcrm.core.fields.terms import Choice, Terms, YesNo
from leadcrm.core.fields.text import LongText, Text, Url

ANY_SIGN = Money(nonnegative=False)

READ: list[tuple[Kind, str, Any]] = [
    (Money(), "325000", 32_500_000),
    (Money(), "€ 325.000", 32_500_000),
    (Money(), "€325.000,00", 32_500_000),
    (Money(), "325.000,50", 32_500_050),
    (Money(), "325,000.50", 32_500_050),
    (Money(), "325,000", 32_500_000),
    (Money(), "1,234,567", 123_456_700),
    (Money(), "1.250,-", 125_000),
    (Money(), "1250,--", 125_000),
    (Money(), "1.234", 123_400),
    (Money(), "1234.5", 123_450),
    (Money(), "12,5", 1_250),
    (Money(), "0,99", 99),
    (Money(), "1 250 000", 125_000_000),
    (Money(), "1\u00a0250\u00a0000,10", 125_000_010),
    (Money(), "1'250'000", 125_000_000),
    (Money(), "325k", 32_500_000),
    (Money(), "€ 1,5 mln", 150_000_000),
    (Money(), "3 ton", 30_000_000),
    (Money(), "EUR 12.50", 1_250),
    (Money(), "12,50 euro", 1_250),
    (Money(), "12,5000", 1_250),
    (Money(), "  ", None),
    (ANY_SIGN, "-12", -1_200),
    (ANY_SIGN, "€ -12,50", -1_250),
    (ANY_SIGN, "\u2212€ 1.000", -100_000),
    (Percentage(), "4,25%", 425),
    (Percentage(), "4.25", 425),
    (Percentage(), "4 %", 400),
    (Percentage(), "100", 10_000),
    (Percentage(), "6.625", 663),
    (Percentage(maximum=20_000), "106", 10_600),
    (Whole(), "360", 360),
    (Whole(), "360.0", 360),
    (Whole(), "1.500", 1_500),
    (Whole(-5, 5), "-3", -3),
    (Year(), "1990", 1990),
    (Phone(), "0612345678", "+31612345678"),
    (Phone(), "06-12345678", "+31612345678"),
    (Phone(), "+31 (0)6 1234 5678", "+31612345678"),
    (Phone(), "0031612345678", "+31612345678"),
    (Phone(), "020 - 123 45 67", "+31201234567"),
    (Phone(), "+32 470 12 34 56", "+32470123456"),
    (Email(), "Jan.de.Vries@Example.NL", "jan.de.vries@example.nl"),
    (Email(), "mailto:a@b.nl", "a@b.nl"),
    (Email(), "jan@münchen.de", "jan@münchen.de"),
    (Postcode(), "1234ab", "1234 AB"),
    (Postcode(), "1234 AB", "1234 AB"),
    (HouseNumber(), "12", 12),
    (HouseNumberSuffix(), "-bis", "bis"),
    (HouseNumberSuffix(), "2 hoog", "2 hoog"),
    (Iban(), "nl91 abna 0417 1643 00", "NL91ABNA0417164300"),
    (Iban(), "IBAN: NL91ABNA0417164300", "NL91ABNA0417164300"),
    (Iban(), "BE68 5390 0754 7034", "BE68539007547034"),
    (Kvk(), "1234 5678", "12345678"),
    (Date(), "21-11-2026", date(2026, 11, 21)),
    (Date(), "21/11/2026", date(2026, 11, 21)),
    (Date(), "1.2.26", date(2026, 2, 1)),
    (Date(), "2026-11-21", date(2026, 11, 21)),
    (Date(), "21112026", date(2026, 11, 21)),
    (Date(), "20261121", date(2026, 11, 21)),
    (Date(), "21 nov 2026", date(2026, 11, 21)),
    (Date(), "21 november 2026", date(2026, 11, 21)),
    (Date(), "3 mrt. 2026", date(2026, 3, 3)),
    (Date(), "3 May 2026", date(2026, 5, 3)),
    (Date(), "2026-11-21 00:00:00", date(2026, 11, 21)),
    (BirthDate(), "1-2-80", date(1980, 2, 1)),
    (Moment(), "21-11-2026 14:30", datetime(2026, 11, 21, 13, 30, tzinfo=UTC)),
    (Moment(), "21 juli 2026 om 14.30", datetime(2026, 7, 21, 12, 30, tzinfo=UTC)),
    (Moment(), "2026-11-21T14:30:05+02:00", datetime(2026, 11, 21, 12, 30, 5, tzinfo=UTC)),
    (Moment(), "2026-11-21T14:30:05.123Z", datetime(2026, 11, 21, 14, 30, 5, tzinfo=UTC)),
    (Moment(), "2026-11-21", datetime(2026, 11, 20, 23, 0, tzinfo=UTC)),
    (YesNo(), "ja", True),
    (YesNo(), "Yes", True),
    (YesNo(), "on", True),
    (YesNo(), "NEE", False),
    (YesNo(), "0", False),
    (YesNo(), "", None),
    (Country(), "nl", "NL"),
    (Country(), "Nederland", "NL"),
    (Country(), "Germany", "DE"),
    (Nationality(), "Nederlandse", "NL"),
    (Nationality(), "Duits", "DE"),
    (Choice(EnergyLabel), "a++", EnergyLabel.A2),
    (Choice(EnergyLabel), "geen label", EnergyLabel.NONE),
    (Text(20), "  van   den\u200b Berg ", "van den Berg"),
    (Text(20), "Jose\u0301", "Jos\u00e9"),
    (LongText(), " een\r\ntwee  drie\r", "een\ntwee  drie"),
    (Url(), "https://jan:geheim@www.Example.nl/a/?email=x#y", "www.example.nl/a"),
    (Url(), "example.nl", "example.nl"),
]


@pytest.mark.parametrize(("kind", "typed", "value"), READ)
def test_notation_is_read(kind: Kind, typed: str, value: Any) -> None:
    assert kind.parse(typed) == value


REFUSED: list[tuple[Kind, str]] = [
    (Money(), "duizend"),
    (Money(), "-1"),
    (Money(), "12,345.67,8"),
    (Money(), "1,2345"),
    (Money(), "0.125"),
    (Money(), "10000000000"),
    (Money(), "1e9"),
    (Money(), "٣"),
    (Percentage(), "325.000"),
    (Percentage(), "101"),
    (Percentage(), "-1"),
    (Whole(0, 15), "16"),
    (Whole(), "3+"),
    (Whole(), "1,5"),
    (Year(), "90"),
    (Year(), "3000"),
    (Phone(), "123"),
    (Phone(), "0612345"),
    (Phone(), "06123456789012"),
    (Phone(), "06 12345678 ext. 3"),
    (Email(), "jan@"),
    (Email(), "jan de vries@example.nl"),
    (Email(), "a@b"),
    (Email(), "x" * 65 + "@example.nl"),
    (Email(), "jan@localhost"),
    (Postcode(), "0123 AB"),
    (Postcode(), "1234 SS"),
    (Postcode(), "1234"),
    (HouseNumber(), "12a"),
    (HouseNumber(), "0"),
    (HouseNumber(), "100000"),
    (HouseNumberSuffix(), "?!"),
    (Iban(), "NL91ABNA0417164301"),
    (Iban(), "NL91ABNA041716430"),
    (Iban(), "XX00"),
    (Iban(), "BE68539007547035"),
    (Kvk(), "1234567"),
    (Date(), "31-02-2026"),
    (Date(), "11/21/2026"),
    (Date(), "1 foo 2026"),
    (Date(), "1-1-0500"),
    (Moment(), "21-11-2026 25:00"),
    (YesNo(), "misschien"),
    (Country(), "Atlantis"),
    (Country(), "EU"),
    (Choice(EnergyLabel), "H"),
    (Text(3), "vier"),
    (Text(), "a\x00b"),
    (Text(), "a\ud800b"),
    (Url(), "javascript:alert(1)"),
    (Url(), "http://[::1"),
    (Url(), "http://example.nl:99999/"),
    (LongText(), "Zijn BSN is 111222333."),
]


@pytest.mark.parametrize(("kind", "typed"), REFUSED)
def test_notation_is_refused_with_a_message(kind: Kind, typed: str) -> None:
    with pytest.raises(Invalid) as refusal:
        kind.parse(typed)
    assert str(refusal.value).endswith(".")


SHOWN: list[tuple[Kind, Any, str, str]] = [
    (Money(), 32_500_000, "€ 325.000", "€325,000"),
    (Money(), 32_500_050, "€ 325.000,50", "€325,000.50"),
    (ANY_SIGN, -1_205, "€ -12,05", "-€12.05"),
    (Money(), None, "", ""),
    (Percentage(), 425, "4,25%", "4.25%"),
    (Percentage(), 400, "4%", "4%"),
    (Percentage(), 450, "4,5%", "4.5%"),
    (Whole(), 1_500, "1.500", "1,500"),
    (Year(), 1990, "1990", "1990"),
    (Date(), date(2026, 3, 1), "1 mrt 2026", "1 Mar 2026"),
    (Moment(), datetime(2020, 11, 21, 7, 14, tzinfo=UTC), "21 nov 2020 08:14", "21 Nov 2020 08:14"),
    (Phone(), "+31612345678", "06 12345678", "06 12345678"),
    (Phone(), "+31201234567", "020 123 4567", "020 123 4567"),
    (Phone(), "+32470123456", "+32 470 12 34 56", "+32 470 12 34 56"),
    (Iban(), "NL91ABNA0417164300", "NL91 ABNA 0417 1643 00", "NL91 ABNA 0417 1643 00"),
    (YesNo(), True, "Ja", "Yes"),
    (YesNo(), None, "", ""),
    (Country(), "DE", "Duitsland", "Germany"),
    (Nationality(), "DE", "Duitse", "German"),
    (Nationality(), "JP", "Japan", "Japan"),
    (Choice(EnergyLabel), EnergyLabel.NONE, "Geen label", "No label"),
]


@pytest.mark.parametrize(("kind", "value", "dutch", "english"), SHOWN)
def test_value_is_shown_in_one_way(kind: Kind, value: Any, dutch: str, english: str) -> None:
    assert kind.show(value) == dutch
    with speaking("en"):
        assert kind.show(value) == english


def test_moment_is_relative_for_two_days_only() -> None:
    now = datetime.now(UTC)
    assert Moment().show(now).startswith("vandaag ")
    assert Moment().show(now - timedelta(days=1)).startswith("gisteren ")
    assert str((now - timedelta(days=3)).year) in Moment().show(now - timedelta(days=3))


def test_twice_struck_hour_keeps_its_offset() -> None:
    for struck in (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 1, 30, tzinfo=UTC)):
        assert Moment().parse(Moment().edit(struck)) == struck


def years_ago(years: int) -> str:
    today = date.today()
    return f"01-01-{today.year - years}"


def test_nobody_is_that_old() -> None:
    with pytest.raises(Invalid, match="Nobody"):
        BirthDate().parse(years_ago(130))


def test_birth_date_ahead_is_refused() -> None:
    with pytest.raises(Invalid, match="future"):
        BirthDate().parse(f"{date.today() + timedelta(days=1):%d-%m-%Y}")


def test_unusual_age_is_remarked_upon() -> None:
    for years in (16, 112):
        assert BirthDate().warns(BirthDate().parse(years_ago(years))) is not None
    assert BirthDate().warns(BirthDate().parse(years_ago(40))) is None


def test_age_counts_birthdays() -> None:
    assert age(date(2000, 5, 2), on=date(2026, 5, 1)) == 25
    assert age(date(2000, 5, 2), on=date(2026, 5, 2)) == 26


@pytest.mark.parametrize(
    ("kind", "value", "masked"),
    [
        (Iban(), "NL91ABNA0417164300", "•••• 4300"),
        (Phone(), "+31612345678", "•••• 78"),
        (Email(), "jan@example.nl", "••••@example.nl"),
        (Money(), 100, "€ ••••"),
        (BirthDate(), date(1980, 1, 1), "••••"),
        (Text(), "Rijksoverheid", "••••"),
        (Text(), None, ""),
    ],
)
def test_mask_tells_little(kind: Kind, value: Any, masked: str) -> None:
    assert kind.mask(value) == masked


class Fruit(Terms):
    APPLE = "apple", "Appel", "Apple"
    PEAR = "sweet_pear", "Zoete  peer", "Sweet pear"


def test_terms_speak_the_current_language() -> None:
    assert (Fruit.PEAR.label, Fruit("apple")) == ("Zoete  peer", Fruit.APPLE)
    with speaking("en"):
        assert Fruit.PEAR.label == "Sweet pear"


@pytest.mark.parametrize("typed", ["sweet_pear", "SWEET PEAR", "zoete peer"])
def test_terms_are_found_by_value_and_label(typed: str) -> None:
    assert Choice(Fruit).parse(typed) is Fruit.PEAR


def test_terms_without_words_are_refused() -> None:
    with pytest.raises(TypeError, match="both languages"):
        Terms("Half", {"ONE": ("one", "Een")})  # type: ignore[arg-type]


def test_choices_are_offered_in_the_current_language() -> None:
    assert Choice(Fruit).options[0] == ("apple", "Appel")
    assert Country().options[0] == ("NL", "Nederland")
    with speaking("en"):
        assert ("DE", "Germany") in Country().options
        assert YesNo().options == (("yes", "Yes"), ("no", "No"), ("", "Not known"))
