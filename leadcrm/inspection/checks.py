"""Checks on the inspection of files: the scanner answers, knows what is new and finds; readers cannot get out (A6)."""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from flask_babel import lazy_gettext as _

from leadcrm.core.doctor.report import Check, Group, Outcome, fail, ok, warn
from leadcrm.core.doctor.subject import Subject
from leadcrm.inspection.parsing.limits import MIB
from leadcrm.inspection.services import trying
from leadcrm.inspection.services.scanning import State, ask, scan_pieces

# The test file that every scanner knows, in two halves: whole, a scanner would take this module for it.
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR" + rb"-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
STALE = timedelta(days=3)
LARGER_THAN_SCANNED = 2048 * MIB  # ClamAV looks at 400 MB of what one file unpacks to, unless told otherwise
_DATE = re.compile(r"/([A-Z][a-z]{2} [A-Z][a-z]{2} +[0-9]+ [0-9:]{8} [0-9]{4})$")
NOT_SET = _("no virus scanner is set up: uploads are checked for what they are, not for viruses")
NOT_NEEDED = _("not needed: no scanner is set up")
SET_IT = _("install clamav-daemon and set `clamav`, for example unix:/run/clamav/clamd.ctl")


def cage(_subject: Subject) -> Outcome:
    """A reader tries what it must not be able to do."""
    possible = trying.what_a_reader_can_do()
    if possible is None:
        return fail(_("readers do not start"), _("no upload gets out of quarantine: see the worker's log"))
    if possible:
        return warn(
            _("readers of uploads have limits of memory and time, and could open files and connections"),
            _("run on Linux for x86-64 or ARM64 with seccomp"), ", ".join(possible),
        )  # fmt: skip
    return ok(_("readers of uploads open no file, reach no network and start no program"))


def scanner(subject: Subject) -> Outcome:
    """It finds the test file, alone and in an archive."""
    if subject.config.clamav is None:
        return warn(NOT_SET, SET_IT)
    for name, content in (("alone", EICAR), ("in an archive", _archive(EICAR))):
        said = scan_pieces([content])
        if said.state is State.UNAVAILABLE:
            waiting = _("it does not answer: uploads wait in quarantine")
            return fail(waiting, _("start clamd, see `clamav`"), said.problem)
        if said.state is not State.INFECTED:
            return fail(_("it does not find the test virus"), _("fetch its signatures: `freshclam`"), name)
    return ok(_("finds the test virus, in an archive too"))


def signatures(subject: Subject) -> Outcome:
    if subject.config.clamav is None:
        return ok(NOT_NEEDED)
    try:
        said = ask("VERSION")
    except OSError as problem:
        return fail(_("it does not answer"), _("start clamd, see `clamav`"), str(problem))
    found = _DATE.search(said)
    if found is None:
        return fail(_("it has no signatures of ClamAV"), _("fetch its signatures: `freshclam`"), said)
    made = datetime.strptime(found.group(1), "%a %b %d %H:%M:%S %Y").replace(tzinfo=UTC)
    days = (datetime.now(UTC) - made).days
    age = _("its signatures are %(days)d days old", days=days)
    return fail(age, _("let `freshclam` fetch them daily"), said) if days > STALE.days else ok(age, said)


def limits(subject: Subject) -> Outcome:
    """A file that is too large to be looked at must not be called clean."""
    if subject.config.clamav is None:
        return ok(NOT_NEEDED)
    whole = scan_pieces(bytes(MIB) for _number in range(subject.config.max_file_mb))
    if whole.state is State.UNAVAILABLE:
        remedy = _("set StreamMaxLength, MaxFileSize and MaxScanSize of clamd to more than max_file_mb")
        refused = _("it does not take the largest upload: such a file never leaves quarantine")
        return fail(refused, remedy, whole.problem)
    if scan_pieces(_bomb()).state is State.CLEAN:
        remedy = _("set AlertExceedsMax yes in clamd.conf")
        return fail(_("it calls clean what it did not look at in full"), remedy)
    return ok(_("takes the largest upload, and says so when it did not look at all of a file"))


def _archive(content: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("test.txt", content)
    return file.getvalue()


def _bomb() -> Iterator[bytes]:
    """Zeros in gzip, more of them than a scanner looks at; made as it is sent."""
    packer = zlib.compressobj(9, wbits=31)
    for _number in range(LARGER_THAN_SCANNED // (16 * MIB)):
        yield packer.compress(bytes(16 * MIB))
    yield packer.flush()


CHECKS = (
    Check("inspection.cage", _("Readers of uploads"), Group.WORK, cage, ("A6",)),
    Check("inspection.scanner", _("Virus scanner"), Group.WORK, scanner, ("A6",)),
    Check("inspection.signatures", _("Signatures of the scanner"), Group.WORK, signatures, ("A6",)),
    Check("inspection.limits", _("Limits of the scanner"), Group.WORK, limits, ("A6",)),
)
