"""How long from the first sound of a voice in the microphone until the avatar is quieter: one clock for both.

The microphone's samples and the avatar's loudness are read in the page's own audio context. What lies before and
behind, the device's buffers for capture and playback, is not in it; nor is it ours.
"""

from pathlib import Path

import numpy as np

from backend.hearing import Transcript
from tests.browser.pocket import PocketEars
from tests.browser.test_hearing import MIC_ON, PRIVATE, TALE, listening, person, silence, write
from tests.server import serving

VOICES = ("okay but", "stop", "hello", "wait a moment", "no", "what about me", "I see", "excuse me")
GAP = 2.6
"""Seconds between them: a false alarm is over after 0.9 s, and the avatar speaks on."""
TAP = """
const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
navigator.mediaDevices.getUserMedia = async (wish) => (window.microphone = await open(wish));
"""
WATCH = """
async ([count, seconds]) => {
  const v = window.visavis, context = v.context, found = [];
  const ear = new AnalyserNode(context, { fftSize: 32768 });
  context.createMediaStreamSource(window.microphone).connect(ear);
  const heard = new Float32Array(ear.fftSize);
  const until = performance.now() + seconds * 1000;
  let ducked = v.ducked;
  while (found.length < count && performance.now() < until) {
    await new Promise((done) => setTimeout(done, 1));
    if (v.ducked === ducked) continue;
    ducked = v.ducked;
    if (!ducked || !v.line) continue;
    ear.getFloatTimeDomainData(heard);
    // The first loud sample behind a quarter of a second of quiet.
    let onset = -1, quiet = 0;
    for (let i = 0; i < heard.length; i++) {
      if (Math.abs(heard[i]) < 0.01) quiet++;
      else {
        if (quiet > context.sampleRate / 4) onset = i;
        quiet = 0;
      }
    }
    const age = context.currentTime - v.quieterAt;
    if (Number.isNaN(age)) throw new Error("this client does not tell when it was turned down; run 'make client'");
    if (onset >= 0) found.push(((heard.length - onset) / context.sampleRate - age) * 1000);
  }
  return found;
}
"""


class Uncomprehending(PocketEars):
    """Hears that there is something, and no word of it: each voice is a false alarm."""

    async def hear(self, pcm16k: bytes, language: str = "en-US") -> Transcript:
        return Transcript("")


DETECTOR_ALONE = """
const add = AudioWorklet.prototype.addModule;
AudioWorklet.prototype.addModule = function (url, ...more) {
  return String(url).includes("onset") ? Promise.reject(new Error("left out")) : add.call(this, url, ...more);
};
"""


async def onsets(folder: Path, voices: tuple[str, ...] = VOICES, script: str = "") -> list[float]:
    """Milliseconds from each voice's first sample until the avatar was told to be quieter."""
    parts = [silence(2.5)]
    for text in voices:
        parts += [person(text), silence(GAP)]
    wav = write(folder / "voices.wav", np.concatenate(parts))
    tale = " ".join([TALE] * 3)[:490]
    async with (
        serving(voices=("espeak",), greeting=tale) as url,
        listening(url, wav, PRIVATE + TAP + script) as visitor,
    ):
        await visitor.page.click("#mic")
        await visitor.until(MIC_ON, 30)
        found: list[float] = await visitor.page.evaluate(WATCH, [len(voices), len(parts) * 2.5])
        return found
