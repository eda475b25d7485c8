"""The clauses of the annex in our own words, and by which checks each is shown. Nothing else makes a clause hold."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Clause:
    """A promise. `checks` must all have been seen lately. An organisational one rests on papers, not on software."""

    id: str
    nl: str
    en: str
    nl_text: str
    en_text: str
    checks: tuple[str, ...]
    organisational: bool = False

    @property
    def title(self) -> dict[str, str]:
        return {"nl": self.nl, "en": self.en}

    @property
    def promise(self) -> dict[str, str]:
        return {"nl": self.nl_text, "en": self.en_text}


CLAUSES = (
    Clause(
        "A1", "Gecertificeerde hosting", "Certified hosting",
        "De servers staan bij een partner met een geldig certificaat voor beveiliging; het contract ligt vast.",
        "The servers are with a partner that holds a valid certificate of security; the contract is kept.",
        ("annex.hosting",), organisational=True,
    ),
    Clause(
        "A2", "Alle verbindingen over TLS", "Every connection over TLS",
        "Elke verbinding is versleuteld met TLS 1.2 of nieuwer, ook die met mailserver en database.",
        "Every connection is encrypted with TLS 1.2 or newer, those to mail server and database too.",
        ("web.answers", "web.tls", "web.certificate", "tls.file", "database.private", "work.mail"),
    ),
    Clause(
        "A3", "Gegevens pas na inloggen, met tweede stap", "Data only after signing in, with a second step",
        "Zonder inloggen is niets te zien. Inloggen vraagt naast het wachtwoord een tweede stap, tenzij een bedrijf "
        "die uitzet.",
        "Nothing is shown without signing in, which asks a second step besides the password unless a company switches "
        "that off.",
        ("web.strangers", "walls.nobody", "people.second_step", "people.enrolled"),
    ),
    Clause(
        "A4", "Toegang beperkt tot IP-adressen", "Access restricted to IP addresses",
        "De toegang kan per bedrijf en per persoon worden beperkt tot IP-adressen; elk verzoek wordt getoetst.",
        "Access can be restricted to IP addresses per company and per person; every request is checked.",
        ("addresses.lists", "web.forged", "config.proxy"),
    ),
    Clause(
        "A5", "Bestanden afgeschermd", "Files shielded",
        "Behalve door inloggen zijn bestanden afgeschermd doordat de webserver er niet bij kan.",
        "Besides signing in, files are shielded because the web server cannot reach them.",
        ("web.closed", "web.files"),
    ),
    Clause(
        "A6", "Documenten buiten de webruimte", "Documents outside the web root",
        "Wat wordt geüpload staat buiten elke map die de webserver toont en is alleen na inloggen te bereiken, nadat "
        "het is gecontroleerd, ook op virussen.",
        "What is uploaded is outside every folder that the web server shows and is reached after signing in only, once "
        "it has been checked, for viruses too.",
        ("web.files", "web.strangers", "walls.row_security", "inspection.cage", "inspection.scanner",
         "inspection.signatures", "inspection.limits", "documents.quarantine"),
    ),
    Clause(
        "A7", "Wachtwoorden sterk gehasht", "Passwords strongly hashed",
        "Wachtwoorden worden alleen als hash van een sterk algoritme (argon2id) bewaard.",
        "Passwords are kept only as hashes of a strong algorithm (argon2id).",
        ("passwords.policy", "instance.demonstration"),
    ),
    Clause(
        "A8", "Hash wordt vanzelf vernieuwd", "Hashes renewed by themselves",
        "Oudere hashes worden vanzelf naar het sterkste algoritme gebracht, ook van wie nooit inlogt.",
        "Older hashes are brought to the strongest algorithm by themselves, also of who never signs in.",
        ("passwords.policy", "passwords.self_test"),
    ),
    Clause(
        "A9", "Wachtwoorden van derden versleuteld", "Third-party passwords encrypted",
        "Wachtwoorden van mailaccounts en dergelijke zijn versleuteld met AES-256-GCM, gebonden aan hun plaats.",
        "Passwords of mail accounts and the like are encrypted with AES-256-GCM, bound to their place.",
        ("keys.usable", "keys.age", "keys.sealed"),
    ),
    Clause(
        "A10", "Sleutels op een veilige plaats", "Keys in a safe place",
        "Sleutels staan buiten de webruimte, in bestanden die alleen het programma kan lezen.",
        "Keys are outside the web root, in files that only the program can read.",
        ("keys.usable", "keys.modes", "keys.place", "instance.folder", "instance.git", "web.closed"),
    ),
    Clause(
        "A11", "Rollen en extra rechten", "Roles and extra rights",
        "Er zijn rollen (beheerder, bedrijfsmanager, adviseur) en extra rechten per persoon; wijzigingen liggen vast.",
        "There are roles (administrator, company manager, agent) and extra rights per person; changes are recorded.",
        ("people.roles", "audit.append_only"),
    ),
    Clause(
        "A12", "Adviseurs zien alleen hun eigen leads", "Agents see only their own leads",
        "Een adviseur ziet alleen wat hij zelf invoerde of wat hem is toegewezen; het programma en de database bewaken "
        "dat elk apart.",
        "An agent sees only what they entered or were assigned; the program and the database each hold that by "
        "themselves.",
        ("walls.policies", "walls.row_security", "walls.nobody", "walls.functions", "database.web_login",
         "database.worker_login"),
    ),
    Clause(
        "A13", "Veilige cookies", "Safe cookies",
        "De inlogcookie is alleen voor de server leesbaar en gaat alleen over TLS.",
        "The sign-in cookie is readable by the server only and travels over TLS only.",
        ("web.cookies", "people.sessions"),
    ),
    Clause(
        "A14", "Mislukte inlogpogingen vastgelegd en gecontroleerd", "Failed sign-ins recorded and checked",
        "Mislukte pogingen worden met reden en adres vastgelegd, begrensd, en door een beheerder beoordeeld.",
        "Failed attempts are recorded with reason and address, limited, and judged by an administrator.",
        ("limits.storage", "audit.chain", "audit.append_only", "watch.recorded", "watch.reviewed"),
    ),
    Clause(
        "A15", "Geen vreemde frames", "No foreign frames",
        "X-Frame-Options en frame-ancestors verbieden dat de site in die van een ander wordt getoond.",
        "X-Frame-Options and frame-ancestors forbid that the site is shown inside another.",
        ("web.headers",),
    ),
    Clause(
        "A16", "HTTPS afgedwongen", "HTTPS enforced",
        "Wie zonder TLS komt wordt doorgestuurd; Strict-Transport-Security onthoudt dat ten minste een jaar.",
        "Who comes without TLS is redirected; Strict-Transport-Security keeps that for a year at least.",
        ("web.headers", "web.redirect"),
    ),
    Clause(
        "A17", ".git en .svn geblokkeerd", ".git and .svn blocked",
        "Mappen van versiebeheer zijn niet op te vragen.",
        "Folders of version control cannot be asked for.",
        ("web.closed", "web.files", "instance.git"),
    ),
    Clause(
        "A18", "Software elk kwartaal bijgewerkt", "Software updated every quarter",
        "Besturingssysteem en programma's worden ten minste elk kwartaal bijgewerkt, en herstart waar dat nodig is.",
        "Operating system and programs are updated every quarter at least, and restarted where needed.",
        ("software.python", "software.age", "software.locked", "software.packages", "software.reboot",
         "database.version", "annex.updates"),
    ),
)  # fmt: skip
NEEDED = frozenset(name for clause in CLAUSES for name in clause.checks)
