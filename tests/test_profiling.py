"""The profile measures what it says, and the server goes by its thresholds."""

import json
from pathlib import Path

import pytest

from backend.engines import build
from backend.profiling import Measure, profile, save, text, thresholds
from backend.settings import Settings
from backend.urgency import CROWD, crowd_of

FIGURES = {
    "espeak": 10.0, "lip sync, listening": 10.0, "another process, there and back": 1.0, "read from disk": 2.0,
    "open a kept line": 0.1,
}  # fmt: skip


def test_thresholds_follow_from_the_figures() -> None:
    slow = FIGURES | {"lip sync, listening": 90.0}
    assert thresholds(FIGURES).crowd == 25, "half a core of 20 ms per second"
    assert thresholds(slow).crowd == 5
    assert thresholds(slow).pool_seconds < thresholds(FIGURES).pool_seconds == 0.1
    assert thresholds(FIGURES).keep_seconds == pytest.approx(2 / 19.9, abs=0.001)


async def test_a_run_on_this_machine(tmp_path: Path) -> None:
    result = await profile()
    by_stage = {one.stage: one.value for one in result.measures}
    assert all(value > 0 for value in by_stage.values())
    # Orders of magnitude that hold on any machine: ratios within the same run, no clock time.
    assert by_stage["lip sync, by word times"] < by_stage["lip sync, listening"]
    assert by_stage["open a kept line"] < by_stage["lip sync, listening"]
    assert str(result.thresholds.crowd) in text(result)
    assert Measure("emotion of a clause", by_stage["emotion of a clause"], "ms") in result.measures
    save(result, tmp_path)
    assert crowd_of(tmp_path) == result.thresholds.crowd


@pytest.mark.parametrize("content", ["", "[]", "{", '{"thresholds": {"crowd": "many"}}', '{"thresholds": []}'])
def test_a_damaged_profile_is_no_profile(tmp_path: Path, content: str) -> None:
    assert crowd_of(tmp_path) == CROWD
    (tmp_path / "profile.json").write_text(content)
    assert crowd_of(tmp_path) == CROWD


def test_the_server_goes_by_it(tmp_path: Path) -> None:
    (tmp_path / "profile.json").write_text(json.dumps({"thresholds": {"crowd": 2}}))
    urgency = build(Settings(data=tmp_path)).urgency
    turns = [object() for _ in range(3)]
    for turn in turns[:2]:
        urgency.enter(turn)
    assert not urgency.crowded
    urgency.enter(turns[2])
    assert urgency.crowded
