"""Plain text: one line, several lines, and addresses of pages."""

from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import urlsplit

from flask_babel import lazy_gettext as _
from sqlalchemy import String
from sqlalchemy.types import TypeEngine

from leadcrm.core.fields.bsn import refuse
from leadcrm.core.fields.kinds import Invalid, Kind, tidy_lines, too_long


@dataclass(frozen=True)
class Text(Kind):
    max_length: int = 255

    def read(self, text: str) -> str:
        if len(text) > self.max_length:
            raise too_long(self.max_length)
        return text

    def column_type(self) -> TypeEngine[Any]:
        return String(self.max_length)


@dataclass(frozen=True)
class LongText(Kind):
    """Several lines. A citizen service number in it is refused: we may not keep one."""

    max_length: int = 10_000

    input_type: ClassVar[str] = "textarea"

    def parse(self, raw: str) -> str | None:
        text = tidy_lines(raw, self.max_length)
        if len(text) > self.max_length:
            raise too_long(self.max_length)
        refuse(text)
        return text or None

    def column_type(self) -> TypeEngine[Any]:
        return String(self.max_length)


@dataclass(frozen=True)
class Url(Kind):
    """Host and path of a page. What follows `?` may be personal and is dropped."""

    max_length: int = 255

    input_type: ClassVar[str] = "url"
    inputmode: ClassVar[str] = "url"

    def read(self, text: str) -> str:
        address = _host_and_path(text)
        if len(address) > self.max_length:
            raise too_long(self.max_length)
        return address

    def column_type(self) -> TypeEngine[Any]:
        return String(self.max_length)


def _host_and_path(text: str) -> str:
    wrong = Invalid(_("This is not a web address. Type it like www.example.nl/page."))
    try:
        parts = urlsplit(text if "://" in text else f"https://{text}")
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise wrong from None
    if parts.scheme not in {"http", "https"} or not _is_host(host) or " " in parts.path:
        raise wrong
    return f"{host}{f':{port}' if port is not None else ''}{parts.path.rstrip('/')}"


def _is_host(host: str) -> bool:
    labels = host.split(".")
    return len(labels) > 1 and all(label and label.replace("-", "").isalnum() for label in labels)
