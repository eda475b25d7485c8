"""Tests in a browser are skipped where there is none, and never in CI."""

import pytest

from tests.chromium import MISSING, chromium_or_skip


def test_without_chromium_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="no Chromium here") as said:
        chromium_or_skip(paths=("/nowhere/chromium",))
    assert said.value.msg == MISSING


def test_in_ci_it_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="no Chromium here"):
        chromium_or_skip(paths=("/nowhere/chromium",))


def test_it_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    assert chromium_or_skip(paths=("/nowhere/chromium", "/proc/self/exe")) == "/proc/self/exe"
