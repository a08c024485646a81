"""espeak-ng in process, through the door."""

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable

import numpy as np
import pytest
from scipy.signal import resample_poly

from backend.fallback import UnsuitableError
from backend.speaking import SAMPLE_RATE, Style
from backend.speaking.espeak import EspeakVoice
from backend.speaking.synthesizer import RATE, Event, Manner, Sink, synthesize
from rhubarb import espeak
from tests.speaking.listening import Heard, Sound, edges, hear, lag

TEXT = "Hello there, I have 23 cats in the middle of the night. It's café time!"
US = Style()


@pytest.fixture
def reference(monkeypatch: pytest.MonkeyPatch) -> Callable[[], Sound]:
    """What the library made (no two times quite the same), resampled in one go by another library."""
    blocks: list[Sound] = []

    def recorded(text: str, manner: Manner, sink: Sink) -> None:
        def listen(block: Sound, events: list[Event]) -> bool:
            blocks.append(block)
            return sink(block, events)

        synthesize(text, manner, listen)

    def resampled() -> Sound:
        made = resample_poly(np.concatenate(blocks).astype(float), SAMPLE_RATE // 150, RATE // 150)
        return np.clip(np.rint(made), -32768, 32767).astype(np.int16)

    monkeypatch.setattr("backend.speaking.espeak.synthesize", recorded)
    return resampled


async def test_the_sound_is_whole_clean_and_trimmed(reference: Callable[[], Sound]) -> None:
    heard = await hear(EspeakVoice().say(TEXT, US))
    true = reference()
    offset, likeness = lag(heard.sound, true)
    assert likeness > 0.9999, "a click where two chunks meet would show here"
    true_begin, true_end = edges(true)
    assert heard.seconds == pytest.approx(true_end - true_begin + 0.08, abs=0.03)
    assert offset <= true_begin
    assert edges(heard.sound)[0] <= 0.03
    assert heard.seconds - edges(heard.sound)[1] <= 0.07
    assert 3000 < np.abs(heard.sound.astype(int)).max() < 32767


async def test_a_click_would_be_found(reference: Callable[[], Sound]) -> None:
    """The yardstick of the test above: a few samples lost at one border do show."""
    sound = (await hear(EspeakVoice().say(TEXT, US))).sound
    half = len(sound) // 2
    broken = np.concatenate((sound[: half - 4], sound[half:]))
    assert lag(broken, reference())[1] < 0.99


async def test_every_word_is_marked_once_in_order_before_its_sound() -> None:
    heard = await hear(EspeakVoice().say(TEXT, US))
    assert heard.text == "Hello there I have 23 cats in the middle of the night It's café time"
    assert heard.late == []
    for before, after in zip(heard.words, heard.words[1:], strict=False):
        assert before.start < before.end <= after.start + 1e-6
    assert heard.words[-1].end <= heard.seconds


async def test_words_looked_up_before_take_no_word_away() -> None:
    """Lip sync asks the same library for the phonemes of unknown words."""
    for number in range(60):
        espeak.phonemes(f"zwo{number}")
    heard = await hear(EspeakVoice().say("Hello there.", US))
    assert heard.text == "Hello there"


async def test_words_are_marked_where_they_sound() -> None:
    """Each stands alone between two pauses, so its sound shows where it is, whatever the library says."""
    heard = await hear(EspeakVoice().say("Man. Sam. Lamb. Nun. Shore.", US))
    loud = np.abs(heard.sound.astype(int)) > 300
    onsets = [
        index / SAMPLE_RATE
        for index in np.flatnonzero(loud)
        if not loud[max(0, index - SAMPLE_RATE // 8) : index].any()
    ]
    assert len(onsets) == len(heard.words)
    for word, onset in zip(heard.words, onsets, strict=True):
        assert word.start == pytest.approx(onset, abs=0.03)


async def test_phones_fill_the_words() -> None:
    heard = await hear(EspeakVoice().say("Bob met my mother.", US))
    phones = [phone.phone for phone in heard.phones]
    assert phones[:3] == ["B", "AA", "B"]
    assert phones.count("M") == 3
    assert "Noise" not in phones
    for phone in heard.phones:
        assert any(w.start - 0.02 <= phone.start and phone.end <= w.end + 0.02 for w in heard.words)
    for before, after in zip(heard.phones, heard.phones[1:], strict=False):
        assert before.end == pytest.approx(after.start, abs=0.001)


@pytest.mark.parametrize(
    ("language", "text", "words"),
    [
        ("de-AT", "Schöne Grüße aus Wien.", 4),
        ("fr-FR", "Bonjour tout le monde.", 4),
        ("es-MX", "Buenas noches, amigo.", 3),
        ("zh-CN", "你好，今天天气很好。", 2),
        ("ja", "こんにちは。", 1),
        ("en_GB", "Hello there.", 2),
        ("no", "God morgen.", 2),
    ],
)
async def test_languages(language: str, text: str, words: int) -> None:
    heard = await hear(EspeakVoice().say(text, Style(language)))
    assert heard.seconds > 0.5
    assert len(heard.words) >= words
    assert "".join(heard.text.split()) == "".join(c for c in text if c.isalnum())


async def test_a_language_it_lacks_is_unsuitable_and_no_fault() -> None:
    with pytest.raises(UnsuitableError, match="tlh"):
        await hear(EspeakVoice().say("nuqneH", Style("tlh-KX")))


async def test_another_engine_s_voice_name_is_ignored() -> None:
    heard = await hear(EspeakVoice().say("Hi there", Style(voice="en-US-EmmaMultilingualNeural")))
    assert heard.words


async def test_rate_and_pitch_change_the_speech() -> None:
    voice = EspeakVoice()
    plain, fast, high = [await hear(voice.say(TEXT, style)) for style in (US, Style(rate=0.5), Style(pitch=0.5))]
    assert fast.seconds < 0.8 * plain.seconds
    assert high.seconds == pytest.approx(plain.seconds, rel=0.1)
    assert _pitch(high.sound) == pytest.approx(1.5 * _pitch(plain.sound), rel=0.25)


def _pitch(sound: Sound) -> float:
    """The most frequent pitch, in Hz, by autocorrelation of loud stretches."""
    found = []
    for at in range(0, len(sound) - 1200, 1200):
        piece = sound[at : at + 1200].astype(float)
        if np.abs(piece).max() > 3000:
            product = np.correlate(piece, piece, "full")[1200:]
            found.append(SAMPLE_RATE / (60 + int(np.argmax(product[59:400]))))
    return float(np.median(found))


@pytest.mark.parametrize("text", ["", "...", "?!", " \n", "🎉"])
async def test_nothing_to_say_is_nothing(text: str) -> None:
    assert (await hear(EspeakVoice().say(text, US))).chunks == []


async def test_what_no_voice_should_get_does_no_harm() -> None:
    for text in ("a\0b", "\ud7ff\uffff word", "<voice name='x'>hi</voice>", "[[h@'loU]]", "x" * 3000):
        assert (await hear(EspeakVoice().say(text, US))).seconds > 0.0


async def test_a_lone_surrogate_does_no_harm() -> None:
    assert (await hear(EspeakVoice().say("one \ud800 two", US))).text.startswith("one")


async def test_closing_stops_the_work() -> None:
    voice = EspeakVoice()
    await voice.prepare()
    endless = "This is a sentence that goes on and on and is followed by more of the same. " * 2000
    began = time.thread_time()
    stream = voice.say(endless, US)
    async with contextlib.aclosing(stream):
        heard = Heard()
        while heard.seconds < 1.0:
            heard.take(await anext(stream))
    assert time.thread_time() - began < 5.0
    # The library is free for the next one.
    async with asyncio.timeout(5):
        assert (await hear(voice.say("Next.", US))).text == "Next"


async def test_a_slow_listener_holds_the_work_back() -> None:
    voice = EspeakVoice()
    text = "This is a sentence that goes on and on and is followed by more of the same. " * 100
    stream = voice.say(text, US)
    before = threading.active_count()  # other tests' pools of threads among them
    async with contextlib.aclosing(stream):
        await anext(stream)
        await asyncio.sleep(0.3)
        # While this one waits, the library serves another.
        async with asyncio.timeout(5):
            assert (await hear(voice.say("Me too.", US))).words
        assert threading.active_count() < before + 10


async def test_eight_at_once_don_t_mix() -> None:
    voice = EspeakVoice()
    texts = [f"This is the line number {n} of eight" for n in range(8)]
    alone = [await hear(voice.say(text, US)) for text in texts]
    together = await asyncio.gather(*(hear(voice.say(text, US)) for text in texts))
    for one, other in zip(alone, together, strict=True):
        assert one.text == other.text
        assert abs(one.seconds - other.seconds) < 0.05
