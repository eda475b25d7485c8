"""A mail with a lead in it: `key: value` lines as notification mails have them, in text or HTML; the rest is kept."""

import re
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parseaddr
from html.parser import HTMLParser

from leadcrm.intake.services.content import LONGEST_RAW, LONGEST_VALUE, MOST_FIELDS, Content, bounded
from leadcrm.intake.services.reading import meaning

LARGEST_MAIL = 5 * 1024 * 1024
MOST_ATTACHMENTS = 20
LONGEST_LINE = 2_000
BESIDE = " |*\t"  # what stands around a value in tables and in bold
NAME = r"[^\W\d_][^:=\t\n|]{0,58}?"
_LINE = re.compile(rf"^[\s>*•\-|]*({NAME})\*{{0,2}}\s*(?::|=|\t|\|)\*{{0,2}}\s*(.*?)[\s|]*$")
_LABEL = re.compile(rf"^[\s>*•\-]*({NAME})\*{{0,2}}\s*:\s*$")
_BLOCKS = frozenset({
    "address", "article", "br", "dd", "div", "dl", "dt", "h1", "h2", "h3", "h4", "h5", "li", "ol", "p", "section",
    "table", "tbody", "thead", "tr", "ul",
})  # fmt: skip
_CELLS = frozenset({"td", "th"})
_UNSEEN = frozenset({"head", "script", "style", "title"})


def read(raw: bytes) -> Content:
    """What the fields say; whatever is no field goes along as the message. Never raises."""
    mail = parsed(raw[:LARGEST_MAIL])
    text = text_of(mail)
    fields, rest = fields_of(text)
    if rest:
        fields.setdefault("Bericht", rest[:LONGEST_VALUE])
    if not any(meaning(name).startswith("applicant.") for name in fields):
        fields |= from_sender(mail)
    subject = _header(mail, "Subject")
    if subject:
        fields.setdefault("Onderwerp", subject[:LONGEST_VALUE])
    return Content(fields, raw=text[:LONGEST_RAW], attachments=list(attachments_of(mail))[:MOST_ATTACHMENTS])


def parsed(raw: bytes) -> EmailMessage:
    return message_from_bytes(raw, policy=policy.default)


def mark_of(raw: bytes) -> bytes:
    """What its server called it: the same mail twice is one lead. Without a name it is told by its contents."""
    return _header(parsed(raw[: 64 * 1024]), "Message-ID").encode(errors="replace") or raw


def _header(mail: EmailMessage, name: str) -> str:
    try:
        return " ".join(str(mail.get(name, "")).split())
    except Exception:  # the parsers of headers raise whatever strangers' mail makes them
        return ""


def from_sender(mail: EmailMessage) -> dict[str, str]:
    """Somebody who just wrote a mail: who they are stands above it."""
    name, address = parseaddr(_header(mail, "Reply-To") or _header(mail, "From"))
    return bounded([("E-mail", address[:254]), ("Naam", name[:120])])


def text_of(mail: EmailMessage) -> str:
    """The text part, or the HTML as text when there is none, or one that says nothing."""
    plain, page = _part(mail, "plain"), _part(mail, "html")
    return plain if plain.strip() and (fields_of(plain)[0] or not page) else as_text(page) or plain


def _part(mail: EmailMessage, kind: str) -> str:
    try:
        part = mail.get_body((kind,))
        return str(part.get_content()) if part is not None else ""
    except Exception:  # an encoding that nobody knows, a body that is cut off
        return ""


def attachments_of(mail: EmailMessage) -> Iterator[str]:
    try:
        for part in mail.iter_attachments():
            yield " ".join((part.get_filename() or part.get_content_type()).split())[:120]
    except Exception:  # as above; what is not named was not kept either way
        return


def fields_of(text: str) -> tuple[dict[str, str], str]:
    """`Naam: Jan`, `Naam | Jan`, or the name on a line of its own and the value on the next; and what is left."""
    pairs: list[tuple[str, str]] = []
    rest: list[str] = []
    label = ""
    for long_line in text.splitlines():
        line = long_line[:LONGEST_LINE]
        alone, match = _LABEL.match(line), _LINE.match(line)
        if alone:
            label = alone[1].strip()
        elif match and match[2] and len(match[1].split()) <= 6 and "//" not in match[2][:2]:
            pairs.append((match[1].strip(), match[2].strip(BESIDE)[:LONGEST_VALUE]))
            label = ""
        elif label and line.strip():
            pairs.append((label, line.strip()[:LONGEST_VALUE]))
            label = ""
        else:
            rest.append(line.strip())
        if len(pairs) >= MOST_FIELDS - 5:
            break
    return bounded(pairs), "\n".join(line for line in rest if line)


def as_text(page: str) -> str:
    """Cells of a row beside each other, everything else below each other."""
    reader = _Reader()
    reader.feed(page[: 10 * LONGEST_RAW])
    reader.close()
    return re.sub(r"\n\s*\n+", "\n", "".join(reader.pieces))


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self.unseen = 0
        self.cells = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.unseen += tag in _UNSEEN
        if tag in _CELLS:
            self.cells += 1
            self.pieces.append(" | " if self.cells > 1 else "")
        elif tag in _BLOCKS and not (self.cells and tag in ("p", "div")):
            self.cells = 0
            self.pieces.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self.unseen -= tag in _UNSEEN and self.unseen > 0
        if tag == "tr":
            self.cells = 0
            self.pieces.append("\n")

    def handle_data(self, data: str) -> None:
        if not self.unseen:
            self.pieces.append(" ".join(data.split()) + (" " if data[-1:].isspace() else ""))
