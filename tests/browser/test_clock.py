"""Mouth and sound have one clock: proved against the very samples that go to the speaker."""

import asyncio

import numpy as np
import numpy.typing as npt
import pytest

from tests.browser.conftest import Visit, Visitor

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

RATE = 24_000
NOTICEABLE = 0.045
"""Seconds that sound may come before the picture until people notice (ITU-R BT.1359)."""

SAMPLE = """
(() => {
  const now = v.line, speech = v.speech(), { context } = v;
  if (!now || !speech) return null;
  const samples = v.samples(), rendered = context.currentTime;
  const { contextTime, performanceTime } = context.getOutputTimestamp();
  const heard = Math.min(rendered, contextTime + (performance.now() - performanceTime) / 1000);
  return { turn: now.turn, line: now.line, t: speech.t, latency: rendered - heard, samples,
           loudness: speech.loudness };
})()
"""

OPEN = {"A": 0.0, "B": 0.2, "C": 0.6, "D": 1.0, "E": 0.55, "F": 0.25, "G": 0.1, "H": 0.5, "X": 0.0}
"""How far each of Rhubarb's shapes opens the mouth, roughly."""


def found_at(piece: npt.NDArray[np.float64], line: npt.NDArray[np.float64]) -> tuple[float, float]:
    """(seconds of *line* at which *piece* ends, how well it fits there: 1 is exactly)."""
    size = len(line) + len(piece)
    spectrum = np.fft.rfft(line, size) * np.conj(np.fft.rfft(piece, size))
    matches = np.fft.irfft(spectrum, size)[: len(line) - len(piece) + 1]
    energy = np.cumsum(np.concatenate(([0.0], line**2)))
    norms = np.sqrt((energy[len(piece) :] - energy[: -len(piece)]) * np.sum(piece**2))
    fit = matches / np.maximum(norms, 1e-9)
    best = int(np.argmax(fit))
    return (best + len(piece)) / RATE, float(fit[best])


async def test_the_clock_is_that_of_the_samples_at_the_speaker(visit: Visit) -> None:
    person = await visit()
    await person.idle()
    turn = await person.say("How do I run it, and what do I need for that?")
    await person.speaking(turn)
    taken = []
    for _ in range(40):
        if one := await person.look(SAMPLE):
            taken.append(one)
        await asyncio.sleep(0.06)
    await person.page.keyboard.press("Escape")
    errors = [error for one in taken if (error := _error(person, one)) is not None]
    assert len(errors) >= 12, "too few moments could be recognised to say anything"
    print(f"clock less samples: median {np.median(errors) * 1e3:.1f} ms, worst {max(map(abs, errors)) * 1e3:.1f} ms")
    assert abs(float(np.median(errors))) < NOTICEABLE / 2
    assert max(map(abs, errors)) < NOTICEABLE


def _error(person: Visitor, one: dict[str, object]) -> float | None:
    """Seconds by which the page's clock leads the sample that is heard; None where it can't be told."""
    pcm = np.frombuffer(bytes(person.sound[one["turn"], one["line"]]), "<i2") / 32_768  # type: ignore[index]
    piece = np.array(one["samples"])
    if len(pcm) <= len(piece) or np.sqrt(np.mean(piece**2)) < 0.01:
        return None
    end, fit = found_at(piece, pcm)
    # Across the seam of two lines, or in the middle of the machine's hiccup, the piece stands nowhere.
    if fit < 0.98:
        return None
    return float(one["t"]) - (end - float(one["latency"]))  # type: ignore[arg-type]


TRACE = """
new Promise((done) => {
  const rows = new Map();
  const probe = document.getElementById("face").visavis;
  const look = () => {
    const { t, weights } = probe();
    const speech = v.speech();
    // One row for each frame that was drawn. A frame of the line before is left out: its cues are gone.
    if (speech && t <= speech.t) rows.set(`${v.line?.line} ${t}`, { t, cues: speech.cues, weights });
    if (rows.size < 200 && v.mode === "speaking") setTimeout(look, 10);
    else done([...rows.values()]);
  };
  look();
})
"""


@pytest.mark.parametrize("webgl", [True, False])
async def test_the_mouth_follows_the_cues(visit: Visit, webgl: bool) -> None:
    person = await visit(webgl=webgl, viewport={"width": 240, "height": 320})
    await person.until("v.face && v.face.kind")
    assert await person.look("v.face.kind") == ("3d" if webgl else "2d")
    await person.idle()
    turn = await person.say("How do I run it, and what do I need for that?")
    await person.speaking(turn, 0.1)
    rows = await person.look(TRACE)
    await person.page.keyboard.press("Escape")
    assert len(rows) >= 12
    opened = np.array([_opening(row["weights"]) for row in rows])
    assert np.ptp(opened) > 0.2, "the mouth does not move"
    lags = np.arange(-0.3, 0.301, 0.005)
    fits = [np.corrcoef(opened, [_wanted(row["cues"], row["t"] - lag) for row in rows])[0, 1] for lag in lags]
    best = float(lags[int(np.argmax(fits))])
    print(f"mouth after cues: {best * 1e3:.0f} ms (fit {max(fits):.2f}, {len(rows)} frames)")
    assert max(fits) > 0.6
    assert abs(best) < NOTICEABLE


def _opening(weights: dict[str, float]) -> float:
    """How far the mouth is open, from what was drawn."""
    if "open" in weights:  # the drawn face
        return weights["open"]
    names = {"viseme_aa": "D", "viseme_E": "C", "viseme_O": "E", "viseme_U": "F", "viseme_SS": "B", "viseme_nn": "H"}
    return sum(weights.get(name, 0.0) * OPEN[shape] for name, shape in names.items())


def _wanted(cues: list[dict[str, object]], t: float) -> float:
    shape = next((str(cue["shape"]) for cue in reversed(cues) if float(cue["start"]) <= t), "X")  # type: ignore[arg-type]
    return OPEN[shape]
