"""Kokoro's voice: the real code over a model with the real one's inputs and outputs, which hums."""

import asyncio
import contextlib
import hashlib
import itertools
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from aiohttp import web

from backend.engines import build as build_engines
from backend.fallback import EngineError, UnsuitableError
from backend.settings import Settings
from backend.speaking import SAMPLE_RATE, Pcm, PhoneMark, Style, WordMark, kokoro_files
from backend.speaking.kokoro import KokoroVoice
from backend.speaking.kokoro_text import phrases, pieces, spelling
from tests.server import serving
from tests.speaking.kokoro_model import STEP, VOCABULARY, build, duration
from tests.talker import talker

TEXT = "Hello there, little bird."
US = Style()


@contextlib.asynccontextmanager
async def ready(folder: Path, **options: Any) -> AsyncIterator[KokoroVoice]:
    voice = KokoroVoice(folder, **options)
    await voice.prepare()
    yield voice
    await voice.aclose()


async def said(voice: KokoroVoice, text: str, style: Style = US) -> tuple[np.ndarray, list[WordMark], list[PhoneMark]]:
    items = [item async for item in voice.say(text, style)]
    sound = np.frombuffer(b"".join(item.data for item in items if isinstance(item, Pcm)), "<i2")
    words = [item for item in items if isinstance(item, WordMark)]
    return sound, words, [item for item in items if isinstance(item, PhoneMark)]


def hertz(sound: np.ndarray) -> float:
    return float(np.argmax(np.abs(np.fft.rfft(sound))) * SAMPLE_RATE / len(sound))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return build(tmp_path / "kokoro")


async def test_words_and_phones_stand_where_the_model_says(folder: Path) -> None:
    async with ready(folder) as voice:
        sound, words, phones = await said(voice, TEXT)
    told = phrases(TEXT, "en-US")
    written = f"{told[0].symbols}, {told[1].symbols}."
    steps = [duration(0), *(duration(VOCABULARY[symbol]) for symbol in written), duration(0)]
    assert len(sound) == sum(steps) * STEP
    ends = np.cumsum(steps) * STEP / SAMPLE_RATE
    assert [word.text for word in words] == ["Hello", "there", "little", "bird"]
    for word, spelt in zip(words, written.split(" "), strict=True):
        at, place = written.index(spelt), spelt.strip(",.")
        assert word.start == pytest.approx(ends[at], abs=0.002)
        assert word.end == pytest.approx(ends[at + len(place)], abs=0.002)
    assert [mark.phone for mark in phones][:4] == ["HH", "Schwa", "L", "OW"]
    assert all(one.end <= other.start + 0.002 for one, other in itertools.pairwise(phones))


@pytest.mark.parametrize(
    "export", [{"tokens": "tokens", "durations": False}, {"durations": False, "whole_speed": True}]
)
async def test_other_exports_speak_too(tmp_path: Path, export: dict[str, Any]) -> None:
    async with ready(build(tmp_path / "other", **export)) as voice:
        sound, words, phones = await said(voice, TEXT, Style(rate=0.2))
    assert [word.text for word in words] == ["Hello", "there", "little", "bird"]
    assert not phones, "what the model does not tell is heard from the sound"
    marks = [time for word in words for time in (word.start, word.end)]
    assert marks == sorted(marks) and marks[-1] <= len(sound) / SAMPLE_RATE


async def test_marks_go_on_over_the_pieces(folder: Path) -> None:
    text = "It stands on the table. It was bought for $5.20 in the 23rd week, or so they say; and it hums."
    assert len(pieces(text)) >= 2
    async with ready(folder) as voice:
        sound, words, _ = await said(voice, text)
        alone = sum([len((await said(voice, piece))[0]) for piece in pieces(text)])
    assert [word.text for word in words] == [word.strip(".,;$") for word in text.split()]
    assert [word.start for word in words] == sorted(word.start for word in words)
    assert words[-1].end <= len(sound) / SAMPLE_RATE
    assert len(sound) == pytest.approx(alone, abs=0.1 * SAMPLE_RATE * len(pieces(text)))


async def test_voice_language_and_rate(folder: Path) -> None:
    async with ready(folder) as voice:
        usual, _, _ = await said(voice, TEXT)
        quick, _, _ = await said(voice, TEXT, Style(rate=0.5))
        bella, _, _ = await said(voice, TEXT, Style(voice="af_bella"))
        british, _, _ = await said(voice, TEXT, Style("en-GB"))
        edges, _, _ = await said(voice, TEXT, Style(voice="en-US-AvaNeural"))
        assert len(quick) < 0.85 * len(usual)
        assert [round(hertz(one), -1) for one in (usual, bella, british, edges)] == [200, 300, 400, 200]
        for language in ("de-DE", "ja-JP", "fr-FR"):
            with pytest.raises(UnsuitableError, match="no voice"):
                await said(voice, "Bonjour", Style(language))
        assert len((await said(voice, "?!"))[0]) == 0
    async with ready(folder, voice="af_bella") as voice:
        assert round(hertz((await said(voice, TEXT))[0]), -1) == 300


async def test_while_it_loads_another_speaks(folder: Path) -> None:
    voice = KokoroVoice(folder)
    with pytest.raises(EngineError, match="being loaded"):
        await said(voice, TEXT)
    await voice.prepare()
    assert len((await said(voice, TEXT))[0])
    await voice.aclose()


async def test_a_machine_that_is_too_slow_is_left_to_another_voice(folder: Path) -> None:
    voice = KokoroVoice(folder, slowest=0.0)
    with pytest.raises(EngineError, match="too slow") as caught:
        await voice.prepare()
    assert "VISAVIS_VOICES" in caught.value.remedy
    await voice.aclose()


async def test_who_goes_away_stops_it(folder: Path) -> None:
    async with ready(folder) as voice:
        text = " ".join(f"This is sentence number {number}." for number in range(30))
        items = voice.say(text, US)
        await anext(items)
        await items.aclose()  # type: ignore[attr-defined]
        sound, _, _ = await said(voice, TEXT)
        assert len(sound), "the next line does not wait for what nobody hears"


@pytest.mark.parametrize(
    ("file", "content", "remedy"),
    [
        ("onnx/model_quantized.onnx", None, "models get kokoro"),
        ("onnx/model_quantized.onnx", b"no model", "fetch it anew"),
        ("tokenizer.json", b"{}", "models get kokoro"),
        ("voices/af_heart.bin", b"\0" * 100, "fetch it anew"),
        ("voices/af_heart.bin", np.full(512, np.nan, np.float32).tobytes(), "fetch it anew"),
    ],
)
async def test_what_is_missing_or_damaged_is_said(folder: Path, file: str, content: bytes | None, remedy: str) -> None:
    if content is None:
        (folder / file).unlink()
    else:
        (folder / file).write_bytes(content)
    voice = KokoroVoice(folder)
    with pytest.raises(EngineError) as caught:
        await voice.prepare()
    assert remedy in caught.value.remedy
    await voice.aclose()


def test_the_spelling_is_the_models() -> None:
    assert spelling("bˈʌʔn̩", "en-US") == "bˈʌtᵊn"
    assert spelling("wˈɔːɾɚ", "en-US") == "wˈɔTəɹ"
    assert spelling("wˈɔːtə", "en-GB") == "wˈɔːtə"
    assert spelling("ɡˌəʊɪŋ", "en-GB") == "ɡˌQɪŋ"
    assert spelling("ɪts", "en-US") == "ɪts" and spelling("pˈitsa", "it-IT") == "pˈiʦa"
    assert spelling("dʒˈɔɪ", "en-US") == "ʤˈY"
    assert pieces("Short. " * 3) == ["Short."] * 3
    long = "and so on " * 100
    assert all(len(piece) <= 240 for piece in pieces(long)) and " ".join(pieces(long)).split() == long.split()


def test_it_takes_its_place_in_the_chain_when_it_is_there(
    folder: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def names(**settings: Any) -> list[str]:
        return [voice.name for voice in build_engines(Settings(**settings)).voices.engines]

    assert names(data=tmp_path / "none") == ["edge", "espeak"]
    assert not caplog.records
    assert names(data=tmp_path / "none", kokoro=folder) == ["edge", "kokoro", "espeak"]
    assert names(data=tmp_path / "none", voices=("kokoro", "espeak")) == ["espeak"]
    assert "models get kokoro" in caplog.text


async def test_it_speaks_where_edge_cannot_be_reached(folder: Path, tmp_path: Path) -> None:
    async with serving(kokoro=folder, edge_url="ws://127.0.0.1:9/edge", data=tmp_path / "data") as url:
        async with talker(url, speed=30) as person:
            async with asyncio.timeout(20):
                while True:  # until it is loaded
                    heard = await person.ask("Hello")
                    assert heard.end is not None
                    if heard.end["cost"]["spoken_by"] == "kokoro":
                        break
                    await asyncio.sleep(0.5)
            line = next(iter(heard.lines.values()))
            assert line.voice == "kokoro" and line.cues and line.words and line.uncovered <= 0
            told = [notice["text"] for notice in person.notices]
            assert any("Kokoro" in text for text in told)


async def test_its_files_are_fetched_and_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = {name: name.encode() * 100 for name in kokoro_files.FILES}
    digests = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    asked: list[str] = []

    async def serve(request: web.Request) -> web.Response:
        asked.append(request.match_info["file"])
        return web.Response(body=files[asked[-1]])

    app = web.Application()
    app.router.add_get("/kokoro/{file:.*}", serve)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/kokoro"
    seen: list[tuple[int, int]] = []
    with pytest.raises(EngineError, match="damaged"):
        await kokoro_files.fetch(tmp_path / "kokoro", url)
    monkeypatch.setattr(kokoro_files, "FILES", digests)
    folder = await kokoro_files.fetch(tmp_path / "kokoro", url, lambda *step: seen.append(step))
    assert kokoro_files.here(folder) and seen
    before = len(asked)
    await kokoro_files.fetch(folder, url)
    assert len(asked) == before, "what is here is not fetched again"
    await runner.cleanup()
