"""What a recogniser makes of the avatar's own speech, and of people who cut in: `python -m tests.hearing.echoes`.

Real sound, a real recogniser (PocketSphinx without a microphone's help: it mishears more than a good one), no echo
cancellation. Writes frontend/src/ears/echoes.json, which the echo guard is measured with.
"""

import asyncio
import json
import subprocess
from pathlib import Path

import numpy as np

from backend.speaking import SAMPLE_RATE, Pcm, Style
from backend.speaking.espeak import EspeakVoice
from tests.browser.pocket import _decode

OUT = Path(__file__).parents[2] / "frontend" / "src" / "ears" / "echoes.json"
LINES = (
    "The garden has seven apple trees and a small white fence.",
    "The river is slow in summer and fast in spring.",
    "The old bridge was made of stone, and people walk over it every morning.",
    "In the evening they come back and sit under the trees.",
    "Visavis runs on two processor cores and needs no graphics card.",
    "It answers from your own documents and shows where it found them.",
    "You can choose another voice in the settings at any time.",
    "The mouth follows the sound, so it never runs ahead of it.",
    "I could not find anything about that, but I can look again.",
    "Rendered lines are kept on disk and are said again at once.",
    "The cheapest plan costs about twelve dollars a month.",
    "Press the button and hold it while you speak.",
    "Your voice stays on this server and is not stored.",
    "There are six faces, and you can bring one of your own.",
    "The first answer takes a moment because the model has to start.",
    "If the network fails I go on with the built in voice.",
    "He wrote the report on Monday and sent it to everyone.",
    "Most people wait two tenths of a second before they answer.",
    "The weather will be cold and windy until the weekend.",
    "Turn left at the church and follow the road to the station.",
)
PEOPLE = (
    "stop", "wait a moment", "what does it cost", "no that is wrong", "can you say that again",
    "how long does it take", "I have another question", "tell me about the price", "is there a garden",
    "what about the river", "thank you that is enough", "which voice is this", "please speak more slowly",
    "who wrote the report", "let us talk about something else", "how do I turn it off", "why is it so slow",
    "I do not understand", "show me the settings", "that is not what I asked",
)  # fmt: skip
STRETCHES = (1.5, 2.5, 4.0)
"""Seconds of an echo that a recogniser gets at once."""


def to_16k(sound: np.ndarray, noise: float, seed: int) -> bytes:
    """From 24 kHz, a third as loud, with the hiss of a cheap microphone."""
    command = [
        "sox",
        "-t",
        "raw",
        "-r",
        "24000",
        "-c",
        "1",
        "-b",
        "16",
        "-e",
        "signed",
        "-",
        "-r",
        "16000",
        "-t",
        "raw",
        "-",
    ]
    raw = subprocess.run(command, input=(sound // 3).astype("<i2").tobytes(), check=True, capture_output=True).stdout
    heard = np.frombuffer(raw, "<i2").astype(float)
    heard += np.random.default_rng(seed).normal(0, noise, len(heard))
    return np.clip(heard, -32_768, 32_767).astype("<i2").tobytes()


async def said(text: str, voice: str) -> np.ndarray:
    items = EspeakVoice().say(
        text, Style("en-US" if voice == "avatar" else "en-GB", rate=0 if voice == "avatar" else -0.1)
    )
    return np.frombuffer(b"".join([item.data async for item in items if isinstance(item, Pcm)]), "<i2")


async def main() -> None:
    cases = []
    for number, line in enumerate(LINES):
        sound = await said(line, "avatar")
        for seconds in STRETCHES:
            begin = int((number % 3) * 0.4 * SAMPLE_RATE)
            part = sound[begin : begin + int(seconds * SAMPLE_RATE)]
            if heard := _decode(to_16k(part, 60, number)):
                cases.append({"spoken": line, "heard": heard, "echo": True})
    for number, text in enumerate(PEOPLE):
        heard = _decode(to_16k(await said(text, "person") * 2, 60, number))
        for line in (LINES[number % len(LINES)], LINES[(7 * number + 3) % len(LINES)]):
            for words in dict.fromkeys((heard, text)):
                if words:
                    cases.append({"spoken": line, "heard": words, "echo": False})
    OUT.write_text(json.dumps(cases, indent=1) + "\n")
    print(f"{sum(one['echo'] for one in cases)} echoes, {sum(not one['echo'] for one in cases)} people")


if __name__ == "__main__":
    asyncio.run(main())
