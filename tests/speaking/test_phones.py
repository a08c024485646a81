"""Every sound of the built-in voice has a mouth."""

import pytest

from backend.speaking.synthesizer import Event, Manner, synthesize
from rhubarb.speech.ipa import arpabet
from tests.speaking.listening import Sound

_SIGNS = "AA AE AH AO AW AY B CH D DH EH ER EY F G HH IH IY JH K L M N NG OW OY P R S SH T TH UH UW V W Y Z ZH"
ARPABET = {*_SIGNS.split(), "Schwa"}


@pytest.mark.parametrize(
    ("voice", "text"),
    [
        (
            "en-us",
            "The quick brown fox jumps over the lazy dog, measuring youth's joy; sure, fire, hour, bottle.",
        ),
        ("en", "The bird near the fire, poor hour, go home there, chair, tour."),
        (
            "de",
            "Zwölf Boxkämpfer jagen Viktor quer über den großen Sylter Deich. Pfau, euch, ich, Dschungel.",
        ),
        ("fr", "Portez ce vieux whisky au juge blond qui fume. Un bon vin blanc, agneau, huit."),
        ("es", "El veloz murciélago hindú comía feliz cardillo y kiwi. Guerra, perro, llave, año."),
        ("it", "Pranzo d'acqua fa volti sghembi. Gnocchi, figlio, zucchero, già."),
        ("pl", "Pchnąć w tę łódź jeża lub ośm skrzyń fig."),
        ("pt-br", "Luís argüia à Júlia que brações, fé, chá, óxido, pôr, zângão eram palavras."),
        ("ru", "Съешь же ещё этих мягких французских булок, да выпей чаю."),
        ("tr", "Pijamalı hasta yağız şoföre çabucak güvendi."),
        ("cmn", "你好，今天天气很好，我们去吃饭吧。"),
        ("ja", "こんにちは、きょうはいいてんきです。"),
        ("hi", "नमस्ते आप कैसे हैं"),
        ("ar", "مرحبا كيف حالك اليوم"),
    ],
)
def test_all_that_espeak_says_is_known(voice: str, text: str) -> None:
    said: list[str] = []

    def listen(_: Sound, events: list[Event]) -> bool:
        said.extend(event.phone for event in events if event.kind == "phone")
        return True

    synthesize(text, Manner(voice), listen)
    assert len(said) > 10
    assert set(arpabet(said)) <= ARPABET
    # All but pauses, breaks, tones and the like have one.
    silent = {ipa for ipa in said if not arpabet([ipa])}
    assert all(not any(letter.isalpha() for letter in ipa.strip("ʲʰːˈˌʔʕ")) or ipa[0] == "(" for ipa in silent)
