"""From where somebody comes, as far as it is kept."""

import re
from dataclasses import dataclass
from hashlib import sha256

from flask_babel import gettext as _

from leadcrm.core.limits import prefix_of

_UNPRINTABLE = re.compile(r"[^\x20-\x7e]+")
_BROWSERS = (("Edg/", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser/", "Samsung Internet"), ("Firefox/", "Firefox"),
             ("FxiOS/", "Firefox"), ("CriOS/", "Chrome"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
_SYSTEMS = (("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"),
            ("CrOS", "ChromeOS"), ("Macintosh", "Mac"), ("Linux", "Linux"))
PEOPLE_OF_A_BROWSER = 5
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")


def in_words(device: str) -> str:
    """What Visitor.device is called on the screen: `Firefox on Windows`."""
    browser, comma, system = device.partition(", ")
    if comma:
        return str(_("%(browser)s on %(system)s", browser=browser, system=system))
    return device or str(_("Unknown device"))


@dataclass(frozen=True)
class Visitor:
    address: str
    user_agent: str
    device_cookie: str = ""

    @property
    def prefix(self) -> str:
        return prefix_of(self.address)

    @property
    def device(self) -> str:
        """`Firefox, Windows`: enough for somebody to know their own devices."""
        found = [self._first(_BROWSERS), self._first(_SYSTEMS)]
        return ", ".join(name for name in found if name) or self.printable[:40]

    @property
    def printable(self) -> str:
        """The header without anything that could forge a line of a log."""
        return _UNPRINTABLE.sub(" ", self.user_agent)[:300]

    @property
    def agent_hash(self) -> bytes:
        return sha256(self.user_agent.encode(errors="replace")).digest()

    @property
    def device_tokens(self) -> list[str]:
        """One for each person who signed in with this browser, newest first; nothing that could not be ours."""
        return [token for token in self.device_cookie.split(".")[:PEOPLE_OF_A_BROWSER] if _TOKEN.fullmatch(token)]

    def _first(self, marks: tuple[tuple[str, str], ...]) -> str:
        return next((name for mark, name in marks if mark in self.user_agent), "")
