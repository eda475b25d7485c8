"""instance/demo.json: what automated clients read, closed to everybody else."""

import json
from pathlib import Path

import pytest

from leadcrm.demo.services import records
from leadcrm.demo.services.records import Record, RecordProblem

URL = "https://localhost:9443"


def test_it_comes_back_as_it_was_kept(tmp_path: Path, record: Record) -> None:
    records.keep(record, tmp_path, URL)
    assert records.read(tmp_path) == record
    assert (tmp_path / records.FILE).stat().st_mode & 0o777 == 0o600


def test_it_holds_what_clients_need(tmp_path: Path, record: Record) -> None:
    records.keep(record, tmp_path, URL)
    content = json.loads((tmp_path / records.FILE).read_text())
    assert content["base_url"] == URL
    assert content["ca_certificate"] == str(tmp_path / "tls" / "ca.pem")
    first = content["accounts"][:3]
    assert [each["name"].split()[0] for each in first] == ["Ann", "Meg", "Ada"]
    assert [each["role"] for each in first] == ["agent", "companymanager", "admin"]
    for each in content["accounts"]:
        assert set(each) == {"email", "password", "totp_secret", "role", "company", "name"}
        assert all(each.values())


def test_people_are_as_many_as_promised(record: Record) -> None:
    roles = [str(account.role) for account in record.accounts]
    assert len(record.offices) == 3
    assert (roles.count("agent"), roles.count("companymanager"), roles.count("admin")) == (21, 2, 1)


def test_no_two_instances_share_a_password(record: Record) -> None:
    other = records.begin(60)
    assert not {each.password for each in record.known.values()} & {each.password for each in other.known.values()}
    assert not {each.totp_secret for each in record.known.values()} & {
        each.totp_secret for each in other.known.values()
    }


def test_no_file_is_no_record(tmp_path: Path) -> None:
    assert records.read(tmp_path) is None


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"made": {}, "accounts": []}'])
def test_a_damaged_file_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / records.FILE).write_text(text)
    with pytest.raises(RecordProblem, match="Restore it"):
        records.read(tmp_path)


def test_a_file_without_somebody_is_refused(tmp_path: Path, record: Record) -> None:
    records.keep(record, tmp_path, URL)
    content = json.loads((tmp_path / records.FILE).read_text())
    content["accounts"].pop()
    (tmp_path / records.FILE).write_text(json.dumps(content))
    with pytest.raises(RecordProblem, match="lacks tjeerd@"):
        records.read(tmp_path)
