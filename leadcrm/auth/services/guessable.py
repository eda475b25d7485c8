"""What an attacker tries first: the most used passwords and names (the lists of zxcvbn, some 90,000), the words that
Dutch offices take, and what is known of the user. Looked up here, without asking anybody outside.
"""

import re
from enum import Enum, auto

from zxcvbn.frequency_lists import FREQUENCY_LISTS

STEMS = """
password passwort passwoord wachtwoord wachtwoorden motdepasse contrasena passw passwd pass pwd wachtwrd
welcome welkom welkomterug hello hallo hoi goedemorgen goedendag goedenavond bonjour
admin administrator beheer beheerder root superuser systeem system server user gebruiker test tester testen testing
demo guest gast login inloggen aanmelden signin letmein letmeinnow openup changeme changethis verander veranderen
wijzigmij default standaard secret geheim geheimen topsecret supergeheim verysecret temp temporary tijdelijk
qwerty qwertyuiop qwertyui azerty azertyuiop asdfgh asdfghjkl zxcvbn zxcvbnm qazwsx qazwsxedc qweasd qweasdzxc
abc abcd abcdef abcdefg abcdefgh abcdefghi abcdefghijkl aabbcc abcabc xyz xxx
iloveyou ikhouvanjou ikhouvanje houvanjou liefde lief schat schatje liefje darling sweetheart princess prinses
monkey aap dragon draak sunshine zonneschijn zonnetje football voetbal soccer baseball hockey tennis basketball
ajax feyenoord psv utrecht vitesse twente heerenveen groningen nederland holland amsterdam rotterdam denhaag eindhoven
oranje hupholland koning koningin willem beatrix maxima sinterklaas kerstmis carnaval
master meester shadow schaduw superman batman spiderman pokemon naruto starwars ninja killer warrior hunter ranger
michael jennifer jordan thomas charlie daniel jessica ashley andrew joshua matthew nicole robert george
jeroen johan jan piet klaas peter pieter kees sanne lisa anna emma sophie lotte daan bram lars tim tom mark marco
summer zomer winter herfst lente spring autumn voorjaar najaar januari februari maart april mei juni juli augustus
september oktober november december january february march may june july august october
maandag dinsdag woensdag donderdag vrijdag zaterdag zondag monday tuesday wednesday thursday friday saturday sunday
money geld hypotheek hypotheken mortgage advies adviseur lening leningen krediet bank banking finance financieel
financien verzekering verzekeringen makelaar notaris rente hypotheekrente leadcrm lead leads crm kantoor office bedrijf
company team werk werken work computer laptop internet google facebook instagram whatsapp microsoft windows
apple iphone samsung android linux ubuntu oracle cisco fortinet citrix teams zoom outlook gmail hotmail ziggo kpn
cheese kaas stroopwafel tulp tulpen fiets molen klompen bloem bloemen flower flowers butterfly vlinder kitty poes hond
puppy tijger tiger leeuw lion eagle falcon mustang ferrari porsche mercedes toyota volkswagen harley yamaha
whatever trustno trustnoone nothing niets niks iets something anything everything alles access toegang enter
family familie gezin mama papa moeder vader mother father baby jesus jezus god heaven hemel angel engel blessed
freedom vrijheid peace vrede happy gelukkig geluk lucky luck chocolate chocolade banana banaan orange purple yellow
silver gold golden diamond ginger pepper cookie coffee koffie bier beer pizza merlin phoenix matrix maverick
michelle samantha daniela alexander maximus caesar napoleon genesis thunder donder storm bliksem
onderwerp geboortedatum voornaam achternaam postcode telefoon telefoonnummer verjaardag
nec az fcutrecht fcgroningen fctwente willemii sparta excelsior cambuur heracles fortuna fortunasittard waalwijk rkc
goaheadeagles goahead zwolle peczwolle volendam breda nacbreda roda rodajc mvv maastricht venlo vvvvenlo emmen telstar
almere dordrecht helmond denbosch graafschap feijenoord ajaxamsterdam psveindhoven dehypotheker vakantie zomervakantie
nieuwjaar kerst pasen pinksteren koningsdag bevrijdingsdag elfstedentocht
"""
WORDS = frozenset(STEMS.split())
COMMON = frozenset(FREQUENCY_LISTS["passwords"])
NAMES_AND_WORDS = frozenset(word for words in FREQUENCY_LISTS.values() for word in words if len(word) > 2)
RUNS = (
    "1234567890" * 4, "0987654321" * 4, "qwertyuiopasdfghjklzxcvbnmqwertyuiop", "azertyuiopqsdfghjklmwxcvbn",
    "abcdefghijklmnopqrstuvwxyzabcdefghijkl", "1q2w3e4r5t6y7u8i9o0p", "q1w2e3r4t5y6u7i8o9p0",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
)
LEET = str.maketrans("013457@$!€", "oleastasie")
DECORATION = re.compile(r"^[\W\d_]+|[\W\d_]+$")  # what people put around a word
FEWEST_CHARACTERS = 5  # different ones, in a password that is one at all
FEWEST_LEFT = 4  # letters beside one's own names


class Guess(Enum):
    """Why a password is found soon."""

    SIMPLE = auto()
    COMMON = auto()
    WORD = auto()
    OWN = auto()


def guessed(password: str, context: tuple[str, ...] = ()) -> Guess | None:
    """Known passwords in their usual disguises, keyboard runs, repetitions, and what is known of the user."""
    low = password.casefold()
    plain = low.replace(" ", "")
    if len(set(plain)) < FEWEST_CHARACTERS or any(plain in run for run in RUNS) or _repeats(plain):
        return Guess.SIMPLE
    if plain in COMMON or plain.translate(LEET) in COMMON:
        return Guess.COMMON
    own = {word for text in context for word in _own_words(text.casefold())}
    forms = [_letters(form) for form in (low, DECORATION.sub("", low).translate(LEET))]
    if any(_is_mostly(letters, own) for letters in forms):
        return Guess.OWN
    return Guess.WORD if any(_is_made_of(letters, own) for letters in forms) else None


def _repeats(plain: str) -> bool:
    """`welkomwelkom`, `abcabcabcabc`: one piece, over and over."""
    return plain in (plain + plain)[1:-1]


def _letters(text: str) -> str:
    return "".join(re.findall(r"[^\W\d_]+", text))


def _own_words(text: str) -> list[str]:
    """Each word of a name, and all of it written as one."""
    words = re.findall(r"[^\W\d_]+", text)
    return [word for word in (*words, "".join(words)) if len(word) > 2]


def _is_made_of(letters: str, own: set[str]) -> bool:
    """Nothing but known words, once digits and signs are left out."""
    return bool(letters) and (letters in NAMES_AND_WORDS or _is_known(letters, WORDS | own))


def _is_known(letters: str, words: frozenset[str]) -> bool:
    """At most two known words, with up to two letters before and after."""
    return any(
        _is_one_or_two(letters[start:end], words)
        for start in range(min(3, len(letters)))
        for end in range(len(letters), max(start, len(letters) - 3), -1)
    )


def _is_one_or_two(text: str, words: frozenset[str]) -> bool:
    return text in words or any(text[:cut] in words and text[cut:] in words for cut in range(3, len(text) - 2))


def _is_mostly(letters: str, own: set[str]) -> bool:
    """What is left beside the user's own words is too little to count."""
    left = letters
    for word in sorted(own, key=len, reverse=True):
        left = left.replace(word, "")
    return left != letters and len(left) < FEWEST_LEFT
