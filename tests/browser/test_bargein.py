"""A voice in the microphone, and how soon the avatar is quieter."""

from pathlib import Path

import pytest

from tests.browser.onsets import Uncomprehending, onsets
from tests.browser.test_hearing import person

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]


async def test_every_voice_makes_it_quieter_while_it_still_speaks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backend.engines._ears", lambda settings: Uncomprehending())
    voices = ("okay but", "wait a moment", "excuse me")
    took = await onsets(tmp_path, voices)
    lasts = [len(person(text)) / 48 for text in voices]
    print([f"{one:.0f} of {whole:.0f} ms" for one, whole in zip(took, lasts, strict=False)])
    assert len(took) == len(voices)
    # Long before there are words to understand; how long exactly, the benchmark tells.
    assert all(0 < one < whole for one, whole in zip(took, lasts, strict=True))
