"""Cues while the audio arrives."""

import pytest

from rhubarb import MouthCue, Phone, Stream
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


def test_odd_bytes_are_put_together() -> None:
    said = load("u07")
    stream = Stream(said.text, said.rate)
    cues = [cue for start in range(0, len(said.pcm), 999) for cue in stream.feed(said.pcm[start : start + 999])]
    assert cues + stream.finish() == run(Stream(said.text, said.rate), said, 999 / 2 / said.rate)


def test_nonsense_from_the_voice_is_ignored() -> None:
    said = load("u07")
    stream = Stream(said.text, said.rate)
    for start, end in ((float("nan"), 1.0), (1.0, float("nan")), (2.0, 1.0), (0, 1e9), (float("-inf"), 0)):
        stream.phone(Phone(start, end, "AA"))
    check(run(stream, said), said.duration)
