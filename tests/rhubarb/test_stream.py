"""Cues while the audio arrives."""

import asyncio
import tracemalloc

import numpy as np
import pytest

from rhubarb import MouthCue, Phone, Stream, Word, cues, warm
from tests.rhubarb.utterances import NAMES, Utterance, agreement, check, load


def run(stream: Stream, said: Utterance, seconds: float = 0.1) -> list[MouthCue]:
    step = 2 * max(1, round(said.rate * seconds))
    cues: list[MouthCue] = []
    for start in range(0, len(said.pcm), step):
        cues += stream.feed(said.pcm[start : start + step])
    return cues + stream.finish()


@pytest.mark.parametrize("seconds", [0.005, 0.1, 1.3, 100])
def test_chunks_of_any_size(seconds: float) -> None:
    said = load("u01")
    check(run(Stream(said.text, said.rate), said, seconds), said.duration)


@pytest.mark.parametrize("name", NAMES)
def test_final_cues_and_tail_cover_the_audio_at_any_time(name: str) -> None:
    said = load(name)
    stream = Stream(said.text, said.rate)
    cues: list[MouthCue] = []
    step = said.rate // 5
    for start in range(0, len(said.pcm), step):
        cues += stream.feed(said.pcm[start : start + step])
        check(cues + stream.tail(), min(start + step, len(said.pcm)) / 2 / said.rate)
    cues += stream.finish()
    check(cues, said.duration)
    assert stream.feed(b"more") == [] == stream.finish()


def test_phones_of_the_voice_give_nearly_what_the_rules_give() -> None:
    scores = []
    for name in NAMES:
        said = load(name)
        stream = Stream(said.text, said.rate)
        for phone in said.true_phones:
            stream.phone(phone)
        scores.append(agreement(run(stream, said), said.truth))
    assert min(scores) > 0.93
    assert sum(scores) / len(scores) > 0.98


def test_words_of_the_voice_before_their_sound() -> None:
    scores = []
    for name in NAMES:
        said = load(name)
        stream = Stream(said.text, said.rate)
        for word in said.true_words:
            stream.word(word)
        scores.append(agreement(run(stream, said), said.truth))
    assert sum(scores) / len(scores) >= 0.79


@pytest.mark.parametrize("late", [-0.05, 0.046, 0.1])
def test_word_times_that_are_all_off_by_the_same_do_no_harm(late: float) -> None:
    scores = []
    for name in NAMES[:6]:
        said = load(name)
        alone, stream = Stream(said.text, said.rate), Stream(said.text, said.rate)
        for word in said.true_words:
            stream.word(Word(max(0.0, word.start - late), word.end - late, word.text))
        scores.append(agreement(run(stream, said), said.truth) - agreement(run(alone, said), said.truth))
    assert sum(scores) / len(scores) > -0.01


def test_words_that_the_text_lacks_do_not_shift_the_others() -> None:
    said = load("u14")
    stream = Stream(said.text.replace("quite", ""), said.rate)
    step = said.rate // 5
    cues: list[MouthCue] = []
    for at in range(0, len(said.pcm), step):
        cues += stream.feed(said.pcm[at : at + step])
        for word in said.true_words:
            if (at - step) / 2 / said.rate <= word.start < at / 2 / said.rate:
                stream.word(word)
    assert agreement(cues + stream.finish(), said.truth) > 0.8


def test_arrays_are_taken_too() -> None:
    said = load("u07")
    expected = run(Stream(said.text, said.rate), said)
    samples = np.frombuffer(said.pcm, np.int16)
    for form in (samples, samples[:, None].repeat(2, axis=1), bytearray(said.pcm)):
        stream = Stream(said.text, said.rate)
        assert stream.feed(form) + stream.finish() == expected
    floats = np.where(np.arange(len(samples)) % 999, samples / 32767, np.nan)
    check(cues(floats, said.rate, said.text), said.duration)


def test_words_of_the_voice_hold_where_the_text_is_another() -> None:
    said = load("u18")
    wrong, stream = load("u13").text, Stream(load("u13").text, said.rate)
    for word in said.true_words:
        stream.word(word)
    with_words = agreement(run(stream, said), said.truth, within=5)
    assert with_words > agreement(run(Stream(wrong, said.rate), said), said.truth, within=5) + 0.2


async def test_afeed_lets_others_run_and_gives_the_same() -> None:
    said = load("u13")
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    other = asyncio.create_task(others())
    stream = Stream(said.text, said.rate)
    cues = await stream.afeed(said.pcm)
    other.cancel()
    assert turns >= 100
    assert cues + stream.finish() == run(Stream(said.text, said.rate), said)


def test_an_idle_stream_holds_next_to_nothing_and_a_finished_one_nothing() -> None:
    said = load("u13")
    warm()
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        idle = [Stream(said.text, said.rate) for _ in range(20)]
        assert (tracemalloc.get_traced_memory()[0] - before) / len(idle) < 100_000
        for stream in idle[:3]:
            stream.feed(said.pcm[:96_000])
            stream.finish()
        assert (tracemalloc.get_traced_memory()[0] - before) / len(idle) < 100_000
    finally:
        tracemalloc.stop()


def test_odd_bytes_are_put_together() -> None:
    said = load("u07")
    stream = Stream(said.text, said.rate)
    cues = [cue for start in range(0, len(said.pcm), 999) for cue in stream.feed(said.pcm[start : start + 999])]
    assert cues + stream.finish() == run(Stream(said.text, said.rate), said)


def test_nonsense_from_the_voice_is_ignored() -> None:
    said = load("u07")
    stream = Stream(said.text, said.rate)
    for start, end in ((float("nan"), 1.0), (1.0, float("nan")), (2.0, 1.0), (0, 1e9), (float("-inf"), 0)):
        stream.phone(Phone(start, end, "AA"))
    check(run(stream, said), said.duration)
