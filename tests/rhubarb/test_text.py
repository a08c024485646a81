"""Text as it is spoken."""

import pytest

from rhubarb.text import spoken


def said(text: str, language: str = "en-US") -> str:
    return " ".join(word.word for word in spoken(text, language))


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("It's 3 o'clock", "it's three o'clock"),
        ("1,234,567 things", "one million two hundred thirty four thousand five hundred sixty seven things"),
        ("In 1984 and 2005 and 2024", "in nineteen eighty four and two thousand five and twenty twenty four"),
        ("the 1990s and the '80s", "the nineteen nineties and the eighties"),
        ("3.14 or -5", "three point one four or minus five"),
        ("agent 007", "agent zero zero seven"),
        ("the 22nd and the 3rd", "the twenty second and the third"),
        ("$5", "five dollars"),
        ("$1.00", "one dollar"),
        ("$12.50 or €3.5 million", "twelve dollars and fifty cents or three point five million euros"),
        ("£0.99", "ninety nine pence"),
        ("20 EUR", "twenty euros"),
        ("$3.2bn", "three point two billion dollars"),
        ("March 5, 2024", "march fifth twenty twenty four"),
        ("on 5 March", "on fifth march"),
        ("Jan. 3", "january third"),
        ("2024-03-05", "march fifth twenty twenty four"),
        ("12/25/2023", "december twenty fifth twenty twenty three"),
        ("10:30am", "ten thirty a m"),
        ("at 5 p.m.", "at five p m"),
        ("9:05", "nine oh five"),
        ("8:00", "eight o'clock"),
        ("14:00", "fourteen hundred"),
        ("45% of 20°C", "forty five percent of twenty degrees celsius"),
        ("5 km at 60 mph", "five kilometers at sixty miles per hour"),
        ("1 kg", "one kilogram"),
        ("16GB", "sixteen gigabytes"),
        ("6 ft", "six feet"),
        ("1/2 cup, 2 3/4", "one half cup two and three quarters"),
        ("5-10 minutes", "five to ten minutes"),
        ("Call 555-123-4567", "call five five five one two three four five six seven"),
        ("Dr. Smith vs. Mr. Jones", "doctor smith versus mister jones"),
        ("e.g. this, i.e. that, etc.", "for example this that is that et cetera"),
        ("No. 5 is in. No. Really", "number five is in no really"),
        ("the U.S. and the US", "the u s and the u s"),
        ("IBM, NASA and XKCD", "ibm nasa and x k c d"),
        ("World War II", "world war two"),
        ("MP3, COVID-19 and 4K", "m p three covid nineteen and four k"),
        ("OpenAI on JavaScript", "open a i on javascript"),
        ("R&D + Q&A @ home", "r and d plus q and a at home"),
        ("a@b.com", "a at b dot com"),
        ("https://www.example.com/help", "example dot com slash help"),
        ("version 3.11.2", "version three point eleven point two"),
        ("naïve café résumé", "naive cafe resume"),
        ("don’t “stop” 'now'", "don't stop now"),
        ("**bold** _and_ `code`", "bold and code"),
        ("well-known and/or", "well known and or"),
        ("Great 😀👍!", "great"),
        ("a\x00b\u200bc", "a b c"),
        ("", ""),
    ],
)
def test_english(written: str, expected: str) -> None:
    assert said(written) == expected


def test_positions_and_pauses() -> None:
    text = "Pay $5, now."
    words = spoken(text)
    assert [(word.word, text[word.start : word.end], word.pause) for word in words] == [
        ("pay", "Pay", False),
        ("five", "$5", False),
        ("dollars", "$5", True),
        ("now", "now", True),
    ]


def test_other_languages_are_cut_into_words() -> None:
    assert said("L'été, 42 €!", "fr-FR") == "l'été 42 €"
    assert said("नमस्ते आप", "hi-IN") == "नमस्ते आप"
    assert said("きょう、日本", "ja-JP") == "きょ う 日 本"


def test_huge_and_hostile_text_takes_bounded_time() -> None:
    assert len(spoken("1" * 100_000)) <= 40_000
    assert len(spoken("a." * 50_000)) <= 40_000
    spoken("$" * 50_000 + "-" * 50_000)
    spoken("9," * 40_000)
    spoken("\ud800\ud801 \x1b[0m")
