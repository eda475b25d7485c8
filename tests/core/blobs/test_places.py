"""Where files may lie: closed by default, and a place that somebody publishes stops the start."""

from pathlib import Path

import pytest

from leadcrm.core.blobs import places
from leadcrm.core.config import Config, ConfigProblem
from leadcrm.core.keys.files import PACKAGE


def config(instance: Path, folder: Path | None = None) -> Config:
    return Config(instance=instance, blob_folder=folder)


def test_inside_the_instance_by_default(tmp_path: Path) -> None:
    places.refuse_unsafe_place(config(tmp_path))
    assert places.folder_of(config(tmp_path)) == tmp_path / "blobs"


@pytest.mark.parametrize("place", ["/var/www/files", "/srv/http/x", "/home/office/htdocs/files", str(PACKAGE / "x")])
def test_a_served_folder_is_refused(tmp_path: Path, place: str) -> None:
    with pytest.raises(ConfigProblem, match=r"web server.*blob_folder"):
        places.refuse_unsafe_place(config(tmp_path, Path(place)))


def test_a_link_into_a_served_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "htdocs").mkdir()
    (tmp_path / "files").symlink_to(tmp_path / "htdocs")
    with pytest.raises(ConfigProblem, match="htdocs"):
        places.refuse_unsafe_place(config(tmp_path / "instance", tmp_path / "files"))


def test_a_work_tree_is_refused(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    with pytest.raises(ConfigProblem, match="git work tree"):
        places.refuse_unsafe_place(config(tmp_path / "instance", tmp_path / "files"))
    places.refuse_unsafe_place(config(tmp_path / "instance"))


@pytest.mark.parametrize("mode", [0o755, 0o770, 0o701])
def test_a_folder_open_to_others_is_refused(tmp_path: Path, mode: int) -> None:
    (tmp_path / "blobs").mkdir()
    (tmp_path / "blobs").chmod(mode)
    with pytest.raises(ConfigProblem, match="chmod 700"):
        places.refuse_unsafe_place(config(tmp_path))
