"""The profile measures what it says, and the server goes by its thresholds: every one of them."""

import json
import shutil
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from backend.accounts import Accounts
from backend.bases import embedder
from backend.engines import build
from backend.knowing.onnx import OnnxEmbedder
from backend.profiling import Measure, profile, save, sizes, text, thresholds
from backend.profiling.aligning import agreement
from backend.rendered import RenderedLine
from backend.settings import Settings
from backend.speaking import SAMPLE_RATE, PhoneMark
from backend.spending.prices import open_book
from backend.thresholds import Thresholds, thresholds_of
from rhubarb import Phone
from tests.hearing.conftest import WEIGHTLESS
from tests.knowing.test_meaning import tiny

FIGURES = {
    "espeak": 10.0, "lip sync, listening": 10.0, "another process, there and back": 1.0, "read from disk": 2.0,
    "open a kept line": 0.1,
}  # fmt: skip


def test_thresholds_follow_from_the_figures() -> None:
    usual = thresholds(FIGURES, {}, {})
    assert usual.crowd == 6, "half a second for 4 s of speech each, at 20 ms per second"
    assert thresholds(FIGURES, {}, {}, ahead=1.0).crowd == 25
    assert thresholds(FIGURES | {"lip sync, listening": 900.0}, {}, {}).crowd == 1
    assert usual.keep_seconds == pytest.approx(2 / 19.9, abs=0.001)
    defaults = Thresholds()
    assert (usual.embed_batch, usual.whisper_short_seconds) == (defaults.embed_batch, defaults.whisper_short_seconds)
    batches = {1: 4.0, 4: 2.0, 16: 1.05, 64: 1.0}
    heard = {"tiny": (0.3, 0.6), "base": (1.0, 1.6)}
    measured = thresholds(FIGURES, batches, heard)
    assert measured.embed_batch == 16, "64 at a time are hardly better"
    # 0.7 s longer for 3 s of speech, 1.0 s for 12: a tenth of the speech from 9 s on.
    assert measured.whisper_short_seconds == pytest.approx(9.0, abs=0.1)
    assert sizes.short((0.1, 0.1), (0.2, 0.2)) == 0.0, "hardly slower: always"
    assert sizes.short((0.1, 0.2), (1.0, 9.0)) == sizes.NEVER


async def test_a_run_on_this_machine(tmp_path: Path) -> None:
    model = tmp_path / "model"
    tiny(model)
    ears = tmp_path / "data" / "models"
    ears.mkdir(parents=True)
    for file in ("ggml-tiny.en.bin", "ggml-base.en.bin"):
        shutil.copy(WEIGHTLESS, ears / file)
    settings = Settings(data=tmp_path / "data", embedding_model=str(model))
    result = await profile(settings, open_book())
    by_stage = {one.stage: one.value for one in result.measures}
    assert all(value >= 0 for value in by_stage.values())
    # Orders of magnitude that hold on any machine: ratios within the same run, no clock time.
    assert by_stage["lip sync, by word times"] < by_stage["lip sync, listening"]
    assert by_stage["open a kept line"] < by_stage["lip sync, listening"]
    assert by_stage["align in one pass"] < by_stage["align in two passes"]
    assert by_stage["align in one pass, right"] > 50 and by_stage["align in two passes, right"] > 50
    assert {f"vector of a text, {size} at a time" for size in sizes.BATCHES} <= set(by_stage)
    assert "whisper-base.en, 12 s of speech" in by_stage
    assert Measure("emotion of a clause", by_stage["emotion of a clause"], "ms") in result.measures
    told = text(result)
    assert str(result.thresholds.crowd) in told
    for question in ("Process pool", "Second pass", "Batches of emotion", "Batches of vectors", "Larger ears: for",
                     "Larger model"):  # fmt: skip
        assert question in told
    save(result, tmp_path)
    assert thresholds_of(tmp_path) == result.thresholds


async def test_what_could_not_be_measured_is_said(tmp_path: Path) -> None:
    batches, heard = await sizes.embedding_batches("", ""), await sizes.ears(tmp_path, b"")
    assert batches == heard == {}
    assert thresholds(FIGURES, batches, heard).embed_batch == Thresholds().embed_batch


def test_agreement_is_the_part_of_the_time() -> None:
    true = [PhoneMark(0.0, 0.5, "AH"), PhoneMark(0.5, 1.0, "S")]
    assert agreement([Phone(0.0, 1.0, "Schwa")], true, 1.0) == pytest.approx(0.5)
    assert agreement([Phone(0.0, 0.5, "AH"), Phone(0.5, 1.0, "S")], true, 1.0) == 1.0
    assert agreement([], true, 1.0) == 0.0


@pytest.mark.parametrize(
    "content",
    ["", "[]", "{", '{"thresholds": []}', '{"thresholds": {"crowd": "many"}}', '{"thresholds": {"crowd": NaN}}'],
)
def test_a_damaged_profile_is_no_profile(tmp_path: Path, content: str) -> None:
    assert thresholds_of(tmp_path) == Thresholds()
    (tmp_path / "profile.json").write_text(content)
    assert thresholds_of(tmp_path) == Thresholds()


def test_what_is_beyond_reason_is_brought_back(tmp_path: Path) -> None:
    given = {"crowd": -3, "keep_seconds": 1e9, "whisper_short_seconds": 7.5, "embed_batch": 10**9}
    (tmp_path / "profile.json").write_text(json.dumps({"thresholds": given}))
    assert thresholds_of(tmp_path) == Thresholds(1, 60.0, 7.5, 256)


async def test_the_server_goes_by_every_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    measured = Thresholds(crowd=2, keep_seconds=1.0, whisper_short_seconds=5.0, embed_batch=2)
    assert all(getattr(measured, one.name) != one.default for one in fields(Thresholds))
    (tmp_path / "profile.json").write_text(json.dumps({"thresholds": asdict(measured)}))
    tiny(tmp_path / "model")
    settings = Settings(data=tmp_path, embedding_model=str(tmp_path / "model"))

    engines = build(settings)
    turns = [object() for _ in range(3)]
    for turn in turns[:2]:
        engines.urgency.enter(turn)
    assert not engines.urgency.crowded
    engines.urgency.enter(turns[2])
    assert engines.urgency.crowded

    ears = engines.ears
    (tmp_path / "models").mkdir()
    for file in ("ggml-tiny.en.bin", "ggml-base.en.bin"):
        (tmp_path / "models" / file).touch()
    assert ears is not None
    chosen: Any = getattr(ears, "_path")  # noqa: B009  (not part of the door)
    assert [chosen("en-US", seconds).name for seconds in (4.9, 5.1)] == ["ggml-tiny.en.bin", "ggml-base.en.bin"]

    vectors = embedder(settings)
    assert isinstance(vectors, OnnxEmbedder)
    sizes_seen: list[int] = []
    embed = vectors._embed
    monkeypatch.setattr(vectors, "_embed", lambda texts: (sizes_seen.append(len(texts)), embed(texts))[1])
    await vectors.embed(["cat"] * 5)
    assert sizes_seen == [2, 2, 1]
    await vectors.aclose()

    accounts = Accounts(settings)
    sound = np.zeros(int(0.9 * SAMPLE_RATE), "<i2").tobytes()
    line = RenderedLine("espeak", sound, [(0.0, "X")], 0.9, ())
    await accounts.lines._keep(("short",), line)
    await accounts.lines._keep(("long",), replace(line, pcm=sound * 2))
    assert await accounts.lines.find(("short",)) is None
    assert await accounts.lines.find(("long",)) is not None
    await accounts.close()
