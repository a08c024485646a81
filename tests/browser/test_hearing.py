"""Real sound through Chromium's fake microphone: the avatar's own speech, a person who cuts in, ears that fall back."""

import subprocess
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from backend.hearing import Transcript
from backend.speaking import SAMPLE_RATE, Pcm, Style
from backend.speaking.espeak import EspeakVoice
from tests.browser.conftest import AUTOPLAY, NO_WEBGL, Visitor, chromium
from tests.browser.pocket import PocketEars
from tests.server import serving

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

TALE = (
    "Hello, I am your guide. I tell you about the garden behind the house, the river, and the old bridge. "
    "The garden has seven apple trees and a small white fence. The river is slow in summer and fast in spring. "
    "The old bridge was made of stone, and the people of the village walk over it every morning. "
    "In the evening they come back and sit under the trees until the sun goes down behind the hills."
)


def silence(seconds: float) -> np.ndarray:
    return np.zeros(int(seconds * 48_000), np.int16)


def person(text: str) -> np.ndarray:
    """A person says *text* (espeak-ng, another voice than the avatar's), at 48 kHz."""
    made = subprocess.run(["espeak-ng", "-v", "en-gb", "-s", "140", "--stdout", text], check=True, capture_output=True)
    command = ["sox", "-t", "wav", "-", "-r", "48000", "-c", "1", "-b", "16", "-e", "signed", "-t", "raw", "-"]
    raw = subprocess.run(command, input=made.stdout, check=True, capture_output=True).stdout
    return np.frombuffer(raw, "<i2")


async def avatar(text: str) -> np.ndarray:
    """What the loudspeaker plays of *text*, at 48 kHz and a third of its loudness, as a microphone beside it hears."""
    voice = EspeakVoice()
    pcm = b"".join([item.data async for item in voice.say(text, Style("en-US")) if isinstance(item, Pcm)])
    sound = np.frombuffer(pcm, "<i2")
    return np.repeat(sound // 3, 48_000 // SAMPLE_RATE)


def write(path: Path, sound: np.ndarray) -> Path:
    command = ["sox", "-t", "raw", "-r", "48000", "-c", "1", "-b", "16", "-e", "signed", "-", str(path)]
    subprocess.run(command, input=sound.astype("<i2").tobytes(), check=True)
    return path


@asynccontextmanager
async def listening(url: str, wav: Path, script: str = "") -> AsyncIterator[Visitor]:
    """A visitor whose microphone hears *wav* once, from the moment it is opened."""
    flags = (
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-audio-capture={wav}%noloop",
        AUTOPLAY.format("no-user-gesture-required"),
        *NO_WEBGL,
    )
    async with chromium(*flags) as context:
        page = await context.new_page()
        await page.add_init_script(script)
        visitor = Visitor(page, url)
        await page.goto(f"{url}/?debug")
        await visitor.until("v.state.link === 'open'")
        yield visitor
        # There is no WebGL on purpose, and three.js says so.
        assert [problem for problem in visitor.problems if "WebGL" not in problem] == []


PRIVATE = "localStorage.setItem('visavis.preferences', JSON.stringify({ serverEars: true }));"
NO_WEB_SPEECH = "delete window.SpeechRecognition; delete window.webkitSpeechRecognition;"
MIC_ON = "document.getElementById('mic').dataset.state === 'on'"


@pytest.fixture
def pocket(monkeypatch: pytest.MonkeyPatch) -> PocketEars:
    """A server whose ears understand real speech."""
    ears = PocketEars()
    monkeypatch.setattr("backend.engines._ears", lambda settings: ears)
    return ears


async def test_it_never_answers_itself_and_a_person_cuts_in(tmp_path: Path, pocket: PocketEars) -> None:
    echo = await avatar(TALE)
    heard = [silence(0.3), echo[: 48_000 * 9], silence(1.5), person("what can you do"), silence(8)]
    wav = write(tmp_path / "echo.wav", np.concatenate(heard))
    async with serving(voices=("espeak",), greeting=TALE) as url, listening(url, wav, PRIVATE) as visitor:
        await visitor.page.click("#mic")
        await visitor.until(MIC_ON, 30)
        opened = time.monotonic()
        await visitor.until("v.ducked", 15)
        # The avatar's own words, well heard by the server, are not answered while they sound.
        while time.monotonic() - opened < 9:
            assert await visitor.look("v.state.turn") == 1
            assert await visitor.look("v.line !== null"), pocket.heard
            await visitor.page.wait_for_timeout(200)
        # Those of a person are.
        answered = await visitor.until("v.state.turn > 1 && v.conversation.exchanges.at(-1)", 30)
        print("heard:", pocket.heard, "answered:", answered["asked"])
        assert len(pocket.heard) >= 2
        assert answered["origin"] == "heard"
        assert 2 <= len(answered["asked"].split()) <= 5


DUCKING = """
async () => {
  const v = window.visavis;
  const levels = { usual: [], quiet: [] };
  const until = performance.now() + 12000;
  let quieter = false;
  while (performance.now() < until && !(quieter && !v.ducked)) {
    const peak = Math.max(...v.samples().map(Math.abs));
    if (v.line) levels[v.ducked ? "quiet" : "usual"].push(peak);
    quieter ||= v.ducked;
    await new Promise((done) => setTimeout(done, 20));
  }
  const top = (all) => all.sort((a, b) => a - b)[Math.floor(all.length * 0.9)] ?? 0;
  return { back: quieter && !v.ducked, usual: top(levels.usual), quiet: top(levels.quiet.slice(6)) };
}
"""


async def test_a_voice_without_words_only_makes_it_quieter_for_a_moment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Uncomprehending(PocketEars):
        async def hear(self, pcm16k: bytes, language: str = "en-US") -> Transcript:
            return Transcript("")

    monkeypatch.setattr("backend.engines._ears", lambda settings: Uncomprehending())
    wav = write(tmp_path / "hum.wav", np.concatenate([silence(1.5), person("oh my my my my"), silence(8)]))
    async with serving(voices=("espeak",), greeting=TALE) as url, listening(url, wav, PRIVATE) as visitor:
        await visitor.page.click("#mic")
        await visitor.until(MIC_ON, 30)
        seen = await visitor.page.evaluate(DUCKING)
        print(seen)
        assert seen["back"]
        assert seen["quiet"] < 0.5 * seen["usual"]
        # Nothing was lost: it is the same turn, and it goes on.
        assert await visitor.look("v.state.turn") == 1
        assert await visitor.look("v.state.cut") == 0
        assert await visitor.look("v.conversation.exchanges.at(-1).state") != "cancelled"


FOLLOWING = """
async () => {
  const v = window.visavis, seen = [];
  const until = performance.now() + 12000;
  let quieter = false, after = 0;
  while (performance.now() < until && after < 60) {
    const { line, context } = v;
    if (line) seen.push([context.currentTime, line.line, line.seconds, v.ducked]);
    quieter ||= v.ducked;
    if (quieter && !v.ducked) after++;
    await new Promise((done) => setTimeout(done, 20));
  }
  return seen;
}
"""


async def test_mm_hm_makes_it_quieter_and_no_word_is_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Murmured(PocketEars):
        """What a recogniser with murmurs among its words makes of one; PocketSphinx has none."""

        async def hear(self, pcm16k: bytes, language: str = "en-US") -> Transcript:
            heard = await super().hear(pcm16k, language)
            return Transcript("Mm-hm." if heard.text else "")

    monkeypatch.setattr("backend.engines._ears", lambda settings: Murmured())
    # espeak-ng spells "mm-hm" out, so it gets the phonemes.
    wav = write(tmp_path / "murmur.wav", np.concatenate([silence(1.5), person("[[m'VmhV:m]]"), silence(8)]))
    async with serving(voices=("espeak",), greeting=TALE) as url, listening(url, wav, PRIVATE) as visitor:
        await visitor.page.click("#mic")
        await visitor.until(MIC_ON, 30)
        seen = await visitor.page.evaluate(FOLLOWING)
        ducked = [one for one in seen if one[3]]
        assert ducked, "it was heard"
        assert not seen[-1][3], "and is over"
        # The voice went on as if nothing had been: its time is the clock's, within each line and over all of them.
        lines = sorted({one[1] for one in seen})
        assert lines == list(range(lines[0], lines[-1] + 1))
        for number in lines:
            begun = [at - seconds for at, line, seconds, _ in seen if line == number]
            assert max(begun) - min(begun) < 0.15
        assert await visitor.look("v.state.turn") == 1
        assert await visitor.look("v.state.cut") == 0
        assert await visitor.look("v.conversation.exchanges.at(-1).state") != "cancelled"


async def test_without_web_speech_the_server_listens_with_one_notice(tmp_path: Path, pocket: PocketEars) -> None:
    wav = write(tmp_path / "ask.wav", np.concatenate([silence(1), person("how old are you"), silence(8)]))
    async with serving(voices=("espeak",), greeting="") as url, listening(url, wav, NO_WEB_SPEECH) as visitor:
        await visitor.page.click("#mic")
        await visitor.until("document.getElementById('notices').textContent.includes('server listens instead')")
        await visitor.until(MIC_ON, 30)
        await visitor.until("v.state.turn > 0", 30)
        asked: dict[str, Any] = await visitor.look("v.conversation.exchanges.at(-1)")
        assert len(asked["asked"].split()) >= 2
        told = await visitor.look("document.getElementById('notices').textContent")
        assert told.count("server listens instead") == 1


async def test_without_any_ears_typing_is_left_and_said_so(tmp_path: Path) -> None:
    wav = write(tmp_path / "quiet.wav", silence(1))
    async with serving(voices=("espeak",), greeting="") as url, listening(url, wav, NO_WEB_SPEECH) as visitor:
        await visitor.page.click("#mic")
        await visitor.until("document.getElementById('notices').textContent.includes('You can type instead')")
        assert await visitor.look("document.getElementById('mic').dataset.state") == "off"
        turn = await visitor.say("Hello!")
        await visitor.speaking(turn, 0.1)
