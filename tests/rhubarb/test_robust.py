"""Whatever comes in, a valid list of cues comes out."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rhubarb import Phone, Stream, Word, animate, cues
from tests.rhubarb.utterances import check, load

RATE = 24000
QUICK = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])

SPEECH = np.frombuffer(load("u01").pcm, np.int16)
TEXT = load("u01").text


def sounds(seconds: float, rate: int = RATE) -> dict[str, np.ndarray]:
    count = int(seconds * rate)
    time = np.arange(count) / rate
    noise = np.random.default_rng(1).normal(0, 6000, count)
    chords = sum(np.sin(2 * np.pi * pitch * time * (1 + 0.5 * (time % 2 > 1))) for pitch in (220, 277, 330))
    clipped = np.clip(np.resize(SPEECH, count) * 40.0, -32768, 32767)
    return {
        "silence": np.zeros(count, np.int16),
        "noise": noise.astype(np.int16),
        "music": (4000 * chords * (0.5 + 0.5 * np.sin(2 * np.pi * 2 * time))).astype(np.int16),
        "clipped": clipped.astype(np.int16),
        "offset": np.full(count, 32767, np.int16),
        "square": (np.sign(np.sin(2 * np.pi * 100 * time)) * 32767).astype(np.int16),
    }


@pytest.mark.parametrize("kind", list(sounds(0.01)))
@pytest.mark.parametrize("seconds", [0.0, 1 / RATE, 0.01, 0.015, 0.5, 4.0])
def test_any_sound_of_any_length(kind: str, seconds: float) -> None:
    pcm = sounds(seconds)[kind]
    check(cues(pcm, RATE, TEXT), len(pcm) / RATE)


@pytest.mark.parametrize("text", [TEXT, ""])
def test_two_minutes(text: str) -> None:
    pcm = np.resize(SPEECH, 120 * RATE)
    check(cues(pcm, RATE, text), 120)


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "\x00\x01\x1b[31m", "😀👩‍👩‍👧‍👦🏳️‍🌈", "...!?,;", "\ud800",
        "١٢٣ مرحبا", "Привет, мир", "你好，世界", "שלום",
        "a" * 5000, "1" * 5000, "mmmmmmmmmmmmmm " * 50, TEXT * 10, TEXT[:5], "\u202e\u200b\ufeff",
    ],
)  # fmt: skip
@pytest.mark.parametrize("language", ["en-US", "ja-JP", "xx"])
def test_any_text(text: str, language: str) -> None:
    check(cues(SPEECH, RATE, text, language), len(SPEECH) / RATE)


@pytest.mark.parametrize("rate", [1, 99, 8000, 11025, 16000, 22050, 44100, 48000, 192000])
def test_any_rate(rate: int) -> None:
    pcm = SPEECH[: rate * 2]
    check(cues(pcm, rate, TEXT), len(pcm) / rate)


@QUICK
@given(
    text=st.text(max_size=200),
    pieces=st.lists(st.binary(max_size=9000), max_size=12),
    words=st.lists(
        st.builds(Word, st.floats(allow_nan=True), st.floats(allow_nan=True), st.text(max_size=8)), max_size=5
    ),
    language=st.sampled_from(["en-US", "fr-FR", "hi-IN", "ja-JP"]),
)
def test_random_bytes_and_words(text: str, pieces: list[bytes], words: list[Word], language: str) -> None:
    stream = Stream(text, RATE, language)
    given_out = []
    for index, piece in enumerate(pieces):
        if index < len(words):
            stream.word(words[index])
        given_out += stream.feed(piece)
        stream.tail()
    given_out += stream.finish()
    check(given_out, sum(map(len, pieces)) // 2 / RATE)


PHONES = st.sampled_from(["AA", "AY", "B", "M", "T", "IY", "L", "F", "SIL", "Noise", "HH", "?", "K", "OW"])


@QUICK
@given(
    times=st.lists(st.tuples(st.integers(0, 400), st.integers(0, 60), PHONES), max_size=60),
    duration=st.integers(0, 500),
)
def test_random_phones(times: list[tuple[int, int, str]], duration: int) -> None:
    phones = [Phone(start / 100, (start + length) / 100, phone) for start, length, phone in times]
    found = animate(phones, duration / 100)
    assert sum(round(cue.end * 100) - round(cue.start * 100) for cue in found) == duration
    stream = Stream("", RATE)
    for phone in sorted(phones, key=lambda item: item.start):
        stream.phone(phone)
    pcm = bytes(duration * RATE // 100 * 2)
    check(stream.feed(pcm) + stream.finish(), duration / 100)


@settings(QUICK, max_examples=8)
@given(sizes=st.lists(st.integers(301, 20_000), min_size=1, max_size=40))
def test_how_the_audio_is_cut_does_not_matter(sizes: list[int]) -> None:
    said = load("u14")
    whole = Stream(said.text, said.rate)
    expected = whole.feed(said.pcm) + whole.finish()
    stream, at, found = Stream(said.text, said.rate), 0, []
    while at < len(said.pcm):
        size = sizes[at % len(sizes)]
        found += stream.feed(said.pcm[at : at + size])
        at += size
    assert found + stream.finish() == expected


def test_a_wrong_text_moves_the_mouth_with_the_sound() -> None:
    said = load("u13")
    found = cues(said.pcm, said.rate, load("u02").text)
    check(found, said.duration)
    assert sum(cue.shape != "X" for cue in found) > 20


def test_streams_in_many_threads_stay_independent() -> None:
    said = load("u16")
    alone = cues(said.pcm, said.rate, said.text)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: cues(said.pcm, said.rate, said.text), range(8)))
    assert found == [alone] * 8


def test_many_streams_at_once_stay_independent() -> None:
    names = ["u01", "u03", "u14", "u16"]
    alone = {}
    for name in names:
        said = load(name)
        stream = Stream(said.text, said.rate)
        alone[name] = [cue for at in range(0, len(said.pcm), 4800) for cue in stream.feed(said.pcm[at : at + 4800])]
        alone[name] += stream.finish()
    sayings = {name: load(name) for name in names}
    streams = {name: Stream(said.text, said.rate) for name, said in sayings.items()}
    together: dict[str, list] = {name: [] for name in names}
    for at in range(0, max(len(said.pcm) for said in sayings.values()), 4800):
        for name, stream in streams.items():
            together[name] += stream.feed(sayings[name].pcm[at : at + 4800])
    for name, stream in streams.items():
        together[name] += stream.finish()
    assert together == alone
