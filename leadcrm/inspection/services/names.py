"""Names of files: what they show must be what they are."""

import re
import unicodedata

from leadcrm.inspection.services.reasons import Reason, Refused

LONGEST = 255  # bytes, as file systems have it
# What a second extension may not be: `payslip.exe.pdf` shows as `payslip.exe` where extensions are hidden.
ACTIVE = frozenset({
    "ace", "apk", "app", "bat", "bin", "cab", "chm", "cmd", "com", "cpl", "dll", "dmg", "docm", "dotm", "exe",
    "gadget", "hta", "htm", "html", "inf", "ins", "iso", "jar", "js", "jse", "jsp", "lnk", "mht", "mhtml", "msc",
    "msi", "msp", "php", "pif", "pl", "potm", "ppam", "pptm", "ps1", "py", "rb", "reg", "rtf", "scf", "scr", "sh",
    "shtml", "svg", "svgz", "swf", "url", "vb", "vbe", "vbs", "wsf", "wsh", "xbap", "xht", "xhtml", "xlam", "xll",
    "xlsm", "xltm", "xml", "xsl", "xslt",
})  # fmt: skip
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?", re.IGNORECASE)
_JOINERS = "\u200c\u200d"  # belong to ordinary words of some languages


def extension_of(name: str) -> str:
    """Lower case, without the dot. Raises Refused for a name that hides something."""
    shown = unicodedata.normalize("NFC", name)
    if not shown.strip() or len(shown.encode("utf-8", "replace")) > LONGEST:
        raise Refused(Reason.NAME, "length")
    if any(unicodedata.category(letter) in _INVISIBLE and letter not in _JOINERS for letter in shown):
        raise Refused(Reason.NAME, "invisible characters")
    if any(letter in '/\\:*?"<>|' for letter in shown) or shown != shown.strip() or shown.endswith("."):
        raise Refused(Reason.NAME, "characters of paths")
    if _RESERVED.fullmatch(shown):
        raise Refused(Reason.NAME, "reserved")
    _stem, *extensions = unicodedata.normalize("NFKC", shown).lower().split(".")
    if ACTIVE & {each.strip() for each in extensions[:-1]}:
        raise Refused(Reason.NAME, "a second extension")
    return extensions[-1] if extensions else ""
