"""Words of other languages: espeak-ng's phonemes, mapped to the same shapes."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from rhubarb import Stream, Word, espeak
from rhubarb.speech.durations import TYPICAL
from rhubarb.speech.ipa import arpabet
from rhubarb.speech.pronounce import pronunciations
from tests.rhubarb.utterances import check, frames

RATE = 24000
# What a speaker's mouth shows for each word, in order: closed, rounded, teeth on lip, wide open.
WORDS = [
    ("de-DE", "Mama", "ADA"), ("de-DE", "für", "GF"), ("de-DE", "schön", "E"), ("de-DE", "Buch", "AF"),
    ("fr-FR", "papa", "ADA"), ("fr-FR", "vous", "GF"), ("fr-FR", "beau", "AE"), ("fr-FR", "femme", "GA"),
    ("es-ES", "mamá", "ADA"), ("es-ES", "bueno", "AE"), ("es-ES", "familia", "GA"),
    ("pt-BR", "mapa", "ADA"), ("pt-BR", "fumo", "GFA"), ("pt-PT", "vovó", "GG"),
    ("hi-IN", "माँ", "AD"), ("hi-IN", "फूल", "F"), ("hi-IN", "पापा", "ADA"),
    ("ja-JP", "まま", "ADA"), ("ja-JP", "ぽん", "AE"), ("ja-JP", "ふぶき", "FA"), ("ja-JP", "ママ", "ADA"),
]  # fmt: skip


@pytest.mark.parametrize(("language", "word", "expected"), WORDS)
def test_the_mouth_shows_what_the_word_needs(language: str, word: str, expected: str) -> None:
    stream = Stream(word, RATE, language)
    stream.word(Word(0.3, 1.3, word))
    tone = (8000 * np.sin(np.arange(2 * RATE) / 9)).astype(np.int16)
    tone[: RATE * 3 // 10] = tone[RATE * 13 // 10 :] = 0
    found = stream.feed(tone.tobytes()) + stream.finish()
    check(found, 2.0)
    shown = iter(frames(found)[30:130])
    assert all(shape in shown for shape in expected), frames(found)[30:130]


@pytest.mark.parametrize(
    "language", ["de-DE", "fr-FR", "es-ES", "pt-BR", "hi-IN", "ja-JP", "it-IT", "ru-RU", "zh-CN", "ar"]
)
def test_every_phone_of_a_language_has_its_shapes(language: str) -> None:
    sample = {
        "de-DE": "Zwölf Boxkämpfer jagen Viktor quer über den großen Sylter Deich",
        "fr-FR": "Portez ce vieux whisky au juge blond qui fume sur un îlot",
        "es-ES": "El veloz murciélago hindú comía feliz cardillo y kiwi",
        "pt-BR": "Um pequeno jabuti xereta viu dez cegonhas felizes",
        "hi-IN": "ऋषियों को सताने वाले दुष्ट राक्षसों के राजा",
        "ja-JP": "いろはにほへとちりぬるを わかよたれそつねならむ",
        "it-IT": "Quel vituperabile xenofobo zelante assaggia il whisky",
        "ru-RU": "Съешь же ещё этих мягких французских булок",
        "zh-CN": "我能吞下玻璃而不伤身体",
        "ar": "نص حكيم له سر قاطع",
    }[language]
    phones = [phone for word in espeak.phonemes(sample, language) for phone in arpabet(word)]
    assert len(phones) > 15
    assert set(phones) <= set(TYPICAL)


def test_kanji_move_the_mouth_too() -> None:
    assert len(pronunciations("東", "ja-JP")[0]) >= 2


def test_an_unknown_language_still_has_phones_for_latin_letters() -> None:
    assert pronunciations("bomba", "zz-ZZ") == (("B", "AO", "M", "B", "AA"),)


def test_unknown_english_words_are_guessed() -> None:
    assert not pronunciations("", "en-US")
    ((*phones,),) = pronunciations("blorpify", "en-US")
    assert phones[0] == "B"
    assert "F" in phones


def test_espeak_is_asked_by_many_threads_at_once() -> None:
    expected = {language: espeak.phonemes("banane", language) for language in ("de", "fr", "es", "pt-BR")}
    wrong: list[str] = []

    def ask(language: str) -> None:
        for _ in range(50):
            espeak.phonemes.cache_clear()
            if espeak.phonemes("banane", language) != expected[language]:
                wrong.append(language)

    threads = [threading.Thread(target=ask, args=(language,)) for language in expected]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
