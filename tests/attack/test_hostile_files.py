"""Every hostile file: read by our readers, and sent through the doors that people use. None may get out again."""

from random import Random

import pytest

from leadcrm.inspection.checks import EICAR
from leadcrm.inspection.services import sniffing
from leadcrm.inspection.services.examining import examine_pieces
from leadcrm.inspection.services.kinds import Kind
from leadcrm.inspection.services.reasons import Reason
from tests.inspection import good
from tests.inspection.conftest import Clamd, bare_app, clamd, one_clamd
from tests.inspection.hostile import Hostile
from tests.inspection.hostile_rest import HOSTILE
from tests.inspection.sending import Sender, sender
from tests.inspection.test_scanning import nested

__all__ = ["bare_app", "clamd", "one_clamd", "sender"]
LEAST = 120
DAMAGES = 40
EVERY_END = tuple(f"uit.{kind.extensions[0]}" for kind in Kind)


def test_there_are_enough_of_them_of_every_sort() -> None:
    assert len(HOSTILE) >= LEAST
    reasons = {reason for each in HOSTILE for reason in each.reasons}
    assert reasons == set(Reason) - {Reason.VIRUS}


@pytest.mark.parametrize("hostile", HOSTILE, ids=lambda each: each.id)
def test_our_readers_refuse_it(hostile: Hostile) -> None:
    verdict = examine_pieces([hostile.make()], hostile.name)
    assert not verdict.ok
    assert verdict.refused in hostile.reasons, (verdict.refused, verdict.detail)


@pytest.mark.parametrize("hostile", [each for each in HOSTILE if not each.slow], ids=lambda each: each.id)
def test_no_other_name_lets_it_in(hostile: Hostile) -> None:
    """Under each extension that we take: what the first bytes do not refuse, its reader does, or makes harmless."""
    content = hostile.make()
    for name in EVERY_END:
        try:
            kind = sniffing.sniff(content[: sniffing.HEAD_BYTES], name)
        except sniffing.Refused:
            continue
        verdict = examine_pieces([content], name)
        assert not verdict.ok or verdict.cleaned is not None or is_only_a_name(hostile) or is_text(kind, hostile), name


def is_text(kind: Kind, hostile: Hostile) -> bool:
    """Words of a program are words, where nothing takes them for more."""
    return kind is Kind.TXT or (kind is Kind.CSV and Reason.FORMULA not in hostile.reasons)


def is_only_a_name(hostile: Hostile) -> bool:
    """Whose content is an ordinary file."""
    return hostile.id.startswith(("name-", "ends-in-", "disguised-")) or hostile.reasons == {Reason.FORMULA}


@pytest.mark.parametrize("hostile", [each for each in HOSTILE if not each.slow], ids=lambda each: each.id)
def test_it_does_not_come_in_through_the_doors(sender: Sender, hostile: Hostile) -> None:
    """By the form and by tus: refused at once, or in quarantine until it is refused, and gone then."""
    content = hostile.make()
    for way in (sender.by_form, sender.by_tus) if len(hostile.id) % 3 == 0 else (sender.by_tus,):
        document = way(hostile.name, content)
        if document is None:
            continue
        assert sender.states(document) == ("quarantined", "quarantined")
        assert sender.doors(document) == []
        sender.check()
        if is_only_a_name(hostile):  # tidied up, it may be an ordinary file with an ordinary name
            continue
        assert sender.states(document) == ("refused", "refused")
        assert sender.doors(document) == []
        assert sender.blobs_left() == 0


def test_an_ordinary_file_does_come_in(sender: Sender) -> None:
    """So that the test above cannot pass because nothing does."""
    for name, make in good.ORDINARY.items():
        document = sender.by_tus(name, make())
        assert document is not None, name
        sender.check()
        assert sender.states(document) == ("available", "available"), name
        assert "file" in sender.doors(document)


@pytest.mark.parametrize("depth", range(6))
def test_a_virus_is_refused_however_deep(sender: Sender, clamd: Clamd, depth: int) -> None:
    """In a document: an archive by itself is not even looked at."""
    with sender.scanned_by(clamd):
        inside = nested(depth) if depth else EICAR
        content = good.archive((good.docx_parts() | {"word/media/a.png": inside}).items())
        document = sender.by_form("verklaring.docx", content)
        assert document is not None
        sender.check()
        assert sender.states(document) == ("refused", "refused")
        assert sender.reason(document) == "virus"
        assert sender.blobs_left() == 0


@pytest.mark.parametrize("name", good.ORDINARY)
def test_damaged_files_end_in_a_verdict(name: str) -> None:
    """Bytes turned, cut out, doubled and moved: whatever its reader makes of that, there is an answer."""
    content, chance = good.ORDINARY[name](), Random(name)
    for _time in range(DAMAGES):
        damaged = bytearray(content)
        for _place in range(chance.randint(1, 12)):
            at = chance.randrange(len(damaged) + 1)
            match chance.randrange(4):
                case 0:
                    damaged[at : at + 1] = bytes([chance.randrange(256)])
                case 1:
                    del damaged[at : at + chance.randrange(40)]
                case 2:
                    damaged[at:at] = damaged[at : at + chance.randrange(200)]
                case _:
                    damaged[at : at + 4] = chance.randbytes(4)
        verdict = examine_pieces([bytes(damaged)], name)
        assert verdict.ok == (verdict.refused is None)
