"""Why a file is refused, in words that tell the sender what to do instead."""

from leadcrm.core.fields.terms import Terms


class Reason(Terms):
    """Stored with what was refused. Values are never renamed: rows and parsers name them."""

    EMPTY = "empty", "Dit bestand is leeg.", "This file is empty."
    NAME = (
        "name",
        "De naam van dit bestand heeft verborgen tekens of een tweede soort. Geef het een gewone naam.",
        "The name of this file has hidden characters or a second type. Give it an ordinary name.",
    )
    UNKNOWN = (
        "unknown",
        "Dit soort nemen wij niet aan. Wel pdf, foto's (jpg, png, heic, tiff), Word, Excel, LibreOffice en txt.",
        "We do not take this type. We do take PDF, photos (JPG, PNG, HEIC, TIFF), Word, Excel, LibreOffice, text.",
    )
    MISMATCH = (
        "mismatch",
        "De inhoud van dit bestand past niet bij de naam. Open het, sla het opnieuw op en probeer die versie.",
        "The content of this file does not fit its name. Open it, save it again and try that version.",
    )
    ARCHIVE = (
        "archive",
        "Dit is een ingepakt bestand (zip). Pak het uit en stuur de bestanden zelf; dat mogen er veel tegelijk zijn.",
        "This is a packed file (zip). Unpack it and send the files themselves; they may be many at once.",
    )
    OLD_OFFICE = (
        "old_office",
        "Dit is een oud Office-bestand of bewaarde mail. Sla het op als pdf, .docx of .xlsx en probeer die versie.",
        "This is an old Office file or a saved mail. Save it as PDF, .docx or .xlsx and try that version.",
    )
    PASSWORD = (
        "password",
        "Dit bestand heeft een wachtwoord, zodat wij het niet kunnen controleren. Sla het op zonder wachtwoord.",
        "This file has a password, so that we cannot check it. Save it without one.",
    )
    DAMAGED = (
        "damaged",
        "Dit bestand is beschadigd. Open het, sla het opnieuw op en probeer die versie.",
        "This file is damaged. Open it, save it again and try that version.",
    )
    TOO_MUCH = (
        "too_much",
        "Dit bestand pakt groter uit dan mag, of vraagt te veel tijd. Sla het op als gewone pdf of maak het kleiner.",
        "This file unpacks to more than it may, or takes too long. Save it as an ordinary PDF or make it smaller.",
    )
    TOO_MANY_PIXELS = (
        "too_many_pixels",
        "Deze afbeelding heeft te veel beeldpunten. Maak haar kleiner, of maak een nieuwe foto.",
        "This picture has too many pixels. Make it smaller, or take a new photo.",
    )
    MOVING = (
        "moving",
        "Dit is een bewegend beeld. Stuur een gewone foto of een pdf.",
        "This is a moving picture. Send an ordinary photo or a PDF.",
    )
    MACRO = (
        "macro",
        "In dit bestand zit een programma (macro). Sla het op zonder macro's, of als pdf.",
        "This file holds a program (macro). Save it without macros, or as PDF.",
    )
    EMBEDDED = (
        "embedded",
        "In dit bestand zit een ander bestand. Stuur dat apart, en dit zonder bijlage of als afgedrukte pdf.",
        "This file holds another file. Send that one apart, and this one without attachment or printed as PDF.",
    )
    OUTSIDE = (
        "outside",
        "Dit bestand haalt bij het openen iets van buiten op. Sla het op als pdf en probeer die versie.",
        "This file fetches something from outside when it is opened. Save it as PDF and try that version.",
    )
    SCRIPT = (
        "script",
        "In dit bestand zit een programma (JavaScript). Druk het af naar een nieuwe pdf en stuur die.",
        "This file holds a program (JavaScript). Print it to a new PDF and send that.",
    )
    LAUNCH = (
        "launch",
        "Dit bestand wil bij het openen iets starten. Druk het af naar een nieuwe pdf en stuur die.",
        "This file wants to start something when it is opened. Print it to a new PDF and send that.",
    )
    TWO_IN_ONE = (
        "two_in_one",
        "Dit bestand is twee soorten tegelijk. Open het, sla het opnieuw op en probeer die versie.",
        "This file is of two types at once. Open it, save it again and try that version.",
    )
    FORMULA = (
        "formula",
        "In dit bestand staat een formule die een programma start of gegevens ophaalt. Sla het op als pdf.",
        "This file has a formula that starts a program or fetches data. Save it as PDF.",
    )
    BSN = (
        "bsn",
        "In dit bestand staat een burgerservicenummer (BSN), dat wij niet mogen bewaren. Haal het weg, of sla het op "
        "als pdf: dan maken wij het onleesbaar.",
        "This file holds a citizen service number (BSN), which we may not keep. Take it out, or save the file as PDF: "
        "then we make it unreadable.",
    )
    VIRUS = (
        "virus",
        "In dit bestand is een virus gevonden. Het is niet bewaard.",
        "A virus was found in this file. It was not kept.",
    )


class Refused(Exception):
    """A file is not taken. `message` speaks the language of who reads it; `detail` is for logs and never for people."""

    def __init__(self, reason: Reason, detail: str = ""):
        super().__init__(f"{reason}: {detail}" if detail else str(reason))
        self.reason, self.detail = reason, detail

    @property
    def message(self) -> str:
        return self.reason.label
