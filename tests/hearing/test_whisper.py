"""The server's ears with the real whisper.cpp, whose test model has no weights: everything but the words."""

import asyncio
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from backend.fallback import EngineError
from backend.hearing import RATE
from backend.hearing.invented import believed
from backend.hearing.pool import Part, Pool, WhisperContext
from backend.hearing.silence import quietest, samples, trimmed
from backend.hearing.whisper import WhisperEars
from tests.hearing.conftest import WEIGHTLESS, quiet, tone


class Context:
    """Stands for a loaded model; notes what it was asked."""

    made = 0

    def __init__(self, path: Path, threads: int) -> None:
        Context.made += 1
        self.path = path

    def __call__(self, sound: Any, stop: Any, **params: Any) -> list[Part]:
        CALLS.append((self.path, len(sound) / RATE, params))
        return [Part(" Hello there.", 0.9)]


CALLS: list[tuple[Path, float, dict[str, Any]]] = []


@pytest.fixture(autouse=True)
def fresh() -> None:
    CALLS.clear()
    Context.made = 0


def recording(folder: Path, *files: str, **more: Any) -> WhisperEars:
    for file in files:
        (folder / file).touch()
    return WhisperEars(folder, Pool(1, load=Context, **more))


async def test_the_real_engine_loads_runs_and_hears_nothing_without_weights() -> None:
    ears = WhisperEars(WEIGHTLESS.parent, Pool(1), own=WEIGHTLESS)
    assert ears.ready("en-US")
    for seconds in (0.1, 0.5, 2.0):
        assert (await ears.hear(tone(seconds))).text == ""
    await ears.aclose()


async def test_cancelling_stops_the_real_engine() -> None:
    pool = Pool(1)
    job = asyncio.create_task(pool.run(WEIGHTLESS, np.full(RATE * 20, 0.1, np.float32), temperature_inc=0.0))
    await asyncio.sleep(0.05)
    job.cancel()
    with pytest.raises(asyncio.CancelledError):
        await job
    async with asyncio.timeout(20):
        while not pool.idle:
            await asyncio.sleep(0.01)
    pool.close()


def test_a_damaged_model_is_named(tmp_path: Path) -> None:
    (tmp_path / "bad.bin").write_bytes(b"no model")
    with pytest.raises(EngineError, match=r"bad\.bin"):
        WhisperContext(tmp_path / "bad.bin", 1)


async def test_silence_and_clicks_never_reach_the_model(tmp_path: Path) -> None:
    ears = recording(tmp_path, "ggml-tiny.en.bin")
    for pcm in (b"", b"\0", bytes(RATE), quiet(3), quiet(1) + tone(0.02) + quiet(1)):
        assert (await ears.hear(pcm)).text == ""
    assert CALLS == []


async def test_sound_is_trimmed_padded_and_given_a_fitting_context(tmp_path: Path) -> None:
    ears = recording(tmp_path, "ggml-tiny.en.bin")
    assert (await ears.hear(quiet(4) + tone(0.4) + quiet(4))).text == "Hello there."
    await ears.hear(tone(6))
    (_, short, small), (_, long, large) = CALLS
    assert short >= 1.1
    assert short < 1.5
    assert long == pytest.approx(6, abs=0.1)
    # 50 steps a second, and some to spare; never more than whisper's window has.
    assert small["audio_ctx"] < large["audio_ctx"] == 300 + 64


async def test_long_sound_goes_to_the_larger_model_in_pieces_cut_where_it_is_quiet(tmp_path: Path) -> None:
    ears = recording(tmp_path, "ggml-tiny.en.bin", "ggml-base.en.bin")
    await ears.hear(tone(3))
    text = await ears.hear(tone(22) + quiet(0.5) + tone(30))
    assert [path.name for path, _, _ in CALLS] == ["ggml-tiny.en.bin", *["ggml-base.en.bin"] * (len(CALLS) - 1)]
    lengths = [seconds for _, seconds, _ in CALLS[1:]]
    assert lengths[0] == pytest.approx(22.2, abs=0.4)
    assert max(lengths) <= 25
    assert sum(lengths) == pytest.approx(52.5, abs=0.5)
    assert text.text == " ".join(["Hello there."] * len(lengths))
    assert all(call["audio_ctx"] <= 1500 for _, _, call in CALLS)


async def test_other_languages_want_the_multilingual_model(tmp_path: Path) -> None:
    ears = recording(tmp_path, "ggml-tiny.en.bin")
    assert not ears.ready("de-DE")
    with pytest.raises(EngineError) as caught:
        await ears.hear(tone(1), "de-DE")
    assert "visavis models get whisper-tiny" in caught.value.remedy
    (tmp_path / "ggml-tiny.bin").touch()
    await ears.hear(tone(1), "de-DE")
    assert CALLS[-1][2]["language"] == "de"
    assert CALLS[-1][0].name == "ggml-tiny.bin"


async def test_idle_models_are_unloaded_by_the_clock(tmp_path: Path) -> None:
    now = 0.0
    pool = Pool(1, load=Context, clock=lambda: now)
    ears = recording(tmp_path, "ggml-tiny.en.bin")
    ears = WhisperEars(tmp_path, pool)
    await ears.hear(tone(1))
    now = 299.0
    assert pool.unload(300) == 0
    await ears.hear(tone(1))
    assert Context.made == 1
    now = 600.0
    assert pool.unload(300) == 1
    assert pool.loaded == 0
    await ears.hear(tone(1))
    assert Context.made == 2


async def test_workers_and_queue_are_bounded(tmp_path: Path) -> None:
    busy = most = 0

    class Slow(Context):
        def __call__(self, sound: Any, stop: Any, **params: Any) -> list[Part]:
            nonlocal busy, most
            import time

            busy += 1
            most = max(most, busy)
            time.sleep(0.05)
            busy -= 1
            return [Part("yes", 1.0)]

    (tmp_path / "ggml-tiny.en.bin").touch()
    pool = Pool(2, waiting=2, load=Slow)
    ears = WhisperEars(tmp_path, pool)
    results = await asyncio.gather(*(ears.hear(tone(1)) for _ in range(8)), return_exceptions=True)
    assert sum(isinstance(one, EngineError) for one in results) == 4
    assert most == 2
    assert pool.loaded == 2
    pool.close()


@pytest.mark.parametrize(
    ("text", "confidence", "seconds", "left"),
    [
        (" What does it cost?", 0.9, 1.5, "What does it cost?"),
        ("[Music]", 0.9, 2, ""),
        ("(applause) Thank you for watching!", 0.9, 2, ""),
        ("Thanks for watching.", 0.95, 2, ""),
        ("you", 0.4, 1.2, ""),
        ("You", 0.9, 1.2, "You"),
        ("Yes.", 0.5, 1.2, "Yes."),
        ("mumble mumble", 0.1, 2, ""),
        ("I am I am I am I am I am", 0.8, 20, ""),
        ("no no no", 0.8, 2, "no no no"),
        (" ".join(str(n) for n in range(60)), 0.8, 3, ""),
        ("♪", 0.8, 3, ""),
        ("Untertitel im Auftrag des ZDF", 0.8, 3, ""),
    ],
)
def test_what_nobody_said_is_not_believed(text: str, confidence: float, seconds: float, left: str) -> None:
    assert believed(text, confidence, seconds) == left


def test_trimming_and_the_quietest_place() -> None:
    sound = samples(quiet(1) + tone(1) + quiet(1))
    assert len(trimmed(sound)) == pytest.approx(1.4 * RATE, abs=0.03 * RATE)
    gap = samples(tone(1) + quiet(0.1) + tone(1))
    assert quietest(gap, 0, len(gap)) / RATE == pytest.approx(1.05, abs=0.06)
