"""IPA to ARPAbet."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.speaking.phones import arpabet
from backend.speaking.synthesizer import Event, Manner, synthesize
from tests.speaking.listening import Sound

_SIGNS = "AA AE AH AO AW AY B CH D DH EH ER EY F G HH IH IY JH K L M N NG OW OY P R S SH T TH UH UW V W Y Z ZH"
ARPABET = {*_SIGNS.split(), "Schwa"}


@pytest.mark.parametrize(
    ("ipa", "phones"),
    [
        ("ˈoʊ", ("OW",)), ("əl", ("Schwa", "L")), ("iː", ("IY",)), ("tʃ", ("CH",)), ("ɛɹ", ("EH", "R")),
        ("t", ("T",)), ("ʌ", ("AH",)), ("ç", ("HH",)), ("ɑ̃", ("AA",)), ("(en)", ()), ("", ()), ("ˈ", ()),
    ],
)  # fmt: skip
def test_some(ipa: str, phones: tuple[str, ...]) -> None:
    assert arpabet(ipa) == phones


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
    assert {phone for ipa in said for phone in arpabet(ipa)} <= ARPABET


@given(st.text(max_size=8))
def test_anything_gives_phones_or_noise(ipa: str) -> None:
    assert all(re.fullmatch(r"[A-Z]{1,2}|Schwa|Noise", phone) for phone in arpabet(ipa))
