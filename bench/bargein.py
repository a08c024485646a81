"""From a voice's first sound in the microphone until the avatar is quieter, in a real Chromium, with real sound."""

import asyncio
import tempfile
from pathlib import Path

import backend.engines
from bench.report import load, table, write
from tests.browser.onsets import DETECTOR_ALONE, VOICES, Uncomprehending, onsets

FRAME = 32.0
"""Milliseconds of a frame of the detector: it can tell a voice only at the end of one."""


def row(name: str, took: list[float]) -> list[str]:
    ordered = sorted(took)
    times = [f"{max(0.0, ordered[int(at * (len(took) - 1))]):.0f} ms" for at in (0, 0.5, 1)] if took else ["-"] * 3
    return [name, f"{len(took)} of {len(VOICES)}", *times]


async def bench() -> str:
    """Run both; the Markdown of the section."""
    with tempfile.TemporaryDirectory() as folder:
        ours = await onsets(Path(folder))
        alone = await onsets(Path(folder), script=DETECTOR_ALONE)
    rows = [row("the audio thread's ear, then the detector", ours), row("the detector alone", alone)]
    return f"""## Cutting in

`python -m bench bargein`. From a voice's first sample in the microphone (Chromium's fake one, real sound) until the
avatar's sound is turned down, both on the clock of the page's own sound; the ramp takes 5 ms more. Chromium
draws and computes on the same two cores. A frame of the voice detector is {FRAME:.0f} ms long.

{table(["who notices", "voices noticed", "best", "median", "worst"], rows)}

{load()}
"""


def main() -> None:
    """Measure, print, and write the page."""
    ears = Uncomprehending()
    backend.engines._ears = lambda settings: ears  # type: ignore[assignment, return-value]
    text = asyncio.run(bench())
    print(text)
    write("bargein", text)


if __name__ == "__main__":
    main()
