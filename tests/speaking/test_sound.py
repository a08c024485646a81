"""Decoding, resampling and trimming: the same whatever the chunks."""

import contextlib
import random

import miniaudio
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.speaking import SAMPLE_RATE, Pcm, WordMark
from backend.speaking.decoding import DELAY, DecodingError, Mp3Decoder
from backend.speaking.resampling import Resampler
from backend.speaking.silence import Line, Trimmer
from tests.fakes.speech import Speech, speak
from tests.speaking.listening import Sound, lag

SIZES = st.lists(st.integers(1, 3000), min_size=1, max_size=30)


@pytest.fixture(scope="module")
def speech() -> Speech:
    return speak("Hello there, I have twenty cats. It is time.")


def pieces(data: bytes, sizes: list[int]) -> list[bytes]:
    """*data* cut into *sizes*, over and over."""
    cut, at, index = [], 0, 0
    while at < len(data):
        size = sizes[index % len(sizes)]
        cut.append(data[at : at + size])
        at, index = at + size, index + 1
    return cut


def decoded(chunks: list[bytes]) -> Sound:
    decoder = Mp3Decoder()
    try:
        return np.concatenate([*(decoder.feed(chunk) for chunk in chunks), decoder.finish()])
    finally:
        decoder.close()


@settings(max_examples=25, deadline=None)
@given(sizes=SIZES)
def test_mp3_piece_by_piece_is_mp3_at_once(speech: Speech, sizes: list[int]) -> None:
    whole = miniaudio.decode(speech.mp3, nchannels=1, sample_rate=SAMPLE_RATE)
    expected = np.frombuffer(whole.samples, np.int16)[DELAY:]
    assert np.array_equal(decoded(pieces(speech.mp3, sizes)), expected)


def test_the_codec_s_delay_is_gone(speech: Speech) -> None:
    offset, likeness = lag(decoded([speech.mp3]), speech.sound)
    assert abs(offset) < 0.001
    assert likeness > 0.97


def test_the_first_frames_give_sound_at_once(speech: Speech) -> None:
    decoder = Mp3Decoder()
    # Four frames: the last waits for the next one's header, two are the codec's delay.
    assert len(decoder.feed(speech.mp3[: 4 * 144])) == 3 * 576 - DELAY
    decoder.close()


@pytest.mark.parametrize("data", [b"\x00\x01garbage" * 2000, b"\xff" * 20_000, b"RIFF" * 5000])
def test_what_is_no_mp3_is_refused(data: bytes) -> None:
    with pytest.raises(DecodingError):
        decoded([data])


@pytest.mark.parametrize("seed", range(20))
def test_a_damaged_stream_ends_in_sound_or_an_error(speech: Speech, seed: int) -> None:
    dice = random.Random(seed)
    damaged = bytearray(speech.mp3)
    for _ in range(dice.randint(1, 200)):
        damaged[dice.randrange(len(damaged))] = dice.randrange(256)
    with contextlib.suppress(DecodingError):
        assert len(decoded(pieces(bytes(damaged), [720]))) <= len(speech.sound) + 2000


def resampled(sound: Sound, sizes: list[int]) -> Sound:
    resampler = Resampler(22_050, SAMPLE_RATE)
    chunks = [np.frombuffer(piece, np.int16) for piece in pieces(sound.tobytes(), [2 * n for n in sizes])]
    return np.concatenate([*map(resampler.feed, chunks), resampler.finish()])


def tone(frequency: float, rate: int, seconds: float = 0.5) -> Sound:
    time = np.arange(round(rate * seconds)) / rate
    return np.rint(20_000 * np.sin(2 * np.pi * frequency * time)).astype(np.int16)


@pytest.mark.parametrize("frequency", [80, 440, 3000, 8000])
def test_a_tone_stays_the_tone_it_is_to_80_db(frequency: float) -> None:
    made = resampled(tone(frequency, 22_050), [1323]).astype(float)
    ideal = tone(frequency, SAMPLE_RATE).astype(float)
    assert len(made) == len(ideal)
    inner = slice(200, -200)
    error = np.sqrt(np.mean((made - ideal)[inner] ** 2) / np.mean(ideal[inner] ** 2))
    assert 20 * np.log10(error) < -80


@settings(max_examples=25, deadline=None)
@given(sizes=SIZES)
def test_resampling_does_not_depend_on_the_chunks(sizes: list[int]) -> None:
    sound = tone(997, 22_050)
    difference = resampled(sound, sizes).astype(int) - resampled(sound, [len(sound)])
    assert np.abs(difference).max() <= 1  # the last bit may round differently


def test_the_loudest_sound_is_clipped_and_never_wraps() -> None:
    square = np.where(np.arange(4000) // 40 % 2, 32767, -32768).astype(np.int16)
    made = resampled(square, [500]).astype(int)
    middles = np.arange(20, 4000, 40)
    assert (np.sign(made[np.rint(middles * 24_000 / 22_050).astype(int)]) == np.sign(square[middles])).all()
    assert (np.abs(made) >= 32767).any()


def line(*stretches: tuple[int, float]) -> Sound:
    """Stretches of (loudness, seconds) at 24 kHz."""
    return np.concatenate([_buzz(loudness, seconds) for loudness, seconds in stretches])


def _buzz(loudness: int, seconds: float) -> Sound:
    count = round(seconds * SAMPLE_RATE)
    return (loudness * np.where(np.arange(count) // 30 % 2, 1, -1)).astype(np.int16)


def trimmed(sound: Sound, sizes: list[int]) -> tuple[Sound, float | None]:
    trimmer = Trimmer()
    chunks = [np.frombuffer(piece, np.int16) for piece in pieces(sound.tobytes(), [2 * n for n in sizes])]
    out = [*map(trimmer.feed, chunks), trimmer.finish()]
    return np.concatenate(out), trimmer.offset


@pytest.mark.parametrize("noise", [0, 20])
@pytest.mark.parametrize("before", [0.0, 0.01, 0.1, 2.5])
@pytest.mark.parametrize("pause", [0.0, 0.3, 4.0])
@pytest.mark.parametrize("after", [0.0, 0.8, 4.0])
@pytest.mark.parametrize("sizes", [[97, 480, 4001], [100_000]])
def test_only_the_silence_around_a_line_goes(
    sizes: list[int], before: float, pause: float, after: float, noise: int
) -> None:
    sound = line((noise, before), (5000, 0.2), (noise, pause), (5000, 0.2), (noise, after))
    out, offset = trimmed(sound, sizes)
    assert offset == pytest.approx(max(0.0, before - 0.020), abs=0.001)
    length = 0.4 + pause + min(before, 0.020) + min(after, 0.060)
    # Of a very long silence after the line a part may be out before it is known to be the end.
    assert length - 0.001 <= len(out) / SAMPLE_RATE <= length + max(0.0, after - 1.0) + 0.001


def test_a_quiet_consonant_at_the_end_is_kept() -> None:
    quiet = 60  # -55 dBFS
    sound = line((0, 0.1), (quiet, 0.08), (5000, 0.2), (quiet, 0.12), (0, 0.8))
    out, offset = trimmed(sound, [700])
    assert offset == pytest.approx(0.08, abs=0.001)
    assert len(out) / SAMPLE_RATE == pytest.approx(0.02 + 0.08 + 0.2 + 0.12 + 0.06, abs=0.001)


@pytest.mark.parametrize("sound", [line((0, 5.0)), line((20, 1.0)), np.empty(0, np.int16)])
def test_silence_alone_is_nothing(sound: Sound) -> None:
    assert len(trimmed(sound, [700])[0]) == 0


def test_a_line_s_edges_do_not_click() -> None:
    out, _ = trimmed(line((30, 0.5), (5000, 0.2), (30, 0.5)), [700])
    assert out[0] == out[-1] == 0


def test_marks_move_with_the_sound_and_come_before_it() -> None:
    it = Line()
    it.mark(WordMark(0.5, 0.7, "early"))
    assert it.feed(line((0, 0.4))) == []
    first = it.feed(line((0, 0.1), (5000, 0.2)))
    assert isinstance(first[0], WordMark)
    assert first[0].start == pytest.approx(0.02, abs=0.001)
    assert isinstance(first[1], Pcm)
