from collections.abc import Callable
from pathlib import Path

import pytest

from ops import default_model as models
from scoring.training import Trained


@pytest.fixture
def trainings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The days for which a model was trained instead of taken from the cache."""
    days: list[str] = []

    def train(progress: Callable[[str], None], *, trained_on: str) -> Trained:
        days.append(trained_on)
        return Trained(b"\x00bytes of " + trained_on.encode(), {"id": f"m-{trained_on}"})

    monkeypatch.setattr(models, "train_default", train)
    return days


def given(cache: Path | None, day: str) -> Trained:
    return models._cached_or_trained(cache, lambda told: None, day)


def test_a_model_is_trained_once_for_a_source_and_a_day(tmp_path: Path, trainings: list[str]) -> None:
    first = given(tmp_path, "2026-11-21")
    assert given(tmp_path, "2026-11-21") == first
    assert given(tmp_path, "2026-11-22") != first
    assert trainings == ["2026-11-21", "2026-11-22"]


def test_another_source_trains_anew(tmp_path: Path, trainings: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "cache").mkdir()
    given(tmp_path / "cache", "2026-11-21")
    (tmp_path / "scoring").mkdir()
    (tmp_path / "scoring" / "features.py").write_text("changed = True\n")
    monkeypatch.setattr(models, "ROOT", tmp_path)
    given(tmp_path / "cache", "2026-11-21")
    assert len(trainings) == 2


def test_without_a_cache_nothing_is_kept(tmp_path: Path, trainings: list[str]) -> None:
    given(None, "2026-11-21")
    given(None, "2026-11-21")
    assert len(trainings) == 2
    assert list(tmp_path.iterdir()) == []
