"""Ears for tests that understand real speech without any download: PocketSphinx, on its own thread."""

import asyncio
from functools import cache

from pocketsphinx import Decoder

from backend.hearing import Transcript
from backend.hearing.silence import samples, trimmed


@cache
def _decoder() -> Decoder:
    return Decoder(samprate=16_000, loglevel="FATAL", maxhmmpf=3000, maxwpf=5)


def _decode(pcm: bytes) -> str:
    decoder = _decoder()
    decoder.start_utt()
    decoder.process_raw(pcm, full_utt=True)
    decoder.end_utt()
    found = decoder.hyp()
    return found.hypstr if found else ""


class PocketEars:
    """`backend.hearing.Ears`."""

    name = "pocketsphinx"
    idle = False

    def __init__(self) -> None:
        self.heard: list[str] = []
        self._one = asyncio.Lock()

    def ready(self, language: str) -> bool:
        return True

    async def fetch(self, language: str) -> None:
        raise AssertionError("nothing to fetch")

    async def warm(self, language: str) -> None:
        await asyncio.to_thread(_decoder)

    async def hear(self, pcm16k: bytes, language: str = "en-US") -> Transcript:
        if not len(trimmed(samples(pcm16k))):
            return Transcript("")
        async with self._one:
            text = await asyncio.to_thread(_decode, pcm16k)
        self.heard.append(text)
        return Transcript(text)
