"""Numbers as English words."""

from __future__ import annotations

from rhubarb.text.spoken import listed

_ONES = listed(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen"
)
_TENS = listed("_ _ twenty thirty forty fifty sixty seventy eighty ninety")
_SCALES = ((10**12, "trillion"), (10**9, "billion"), (10**6, "million"), (1000, "thousand"), (100, "hundred"))
_ORDINALS = {
    "one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth", "nine": "ninth",
    "twelve": "twelfth",
}  # fmt: skip

MAX_CARDINAL = 10**15
"""From here on a number is read digit by digit."""


def cardinal(number: int) -> str:
    """'one hundred twenty three' for 123."""
    if number < 0:
        return "minus " + cardinal(-number)
    if number >= MAX_CARDINAL:
        return digits(str(number))
    for size, name in _SCALES:
        if number >= size:
            rest = number % size
            return f"{cardinal(number // size)} {name}" + (f" {cardinal(rest)}" if rest else "")
    if number >= 20:
        return _TENS[number // 10] + (f" {_ONES[number % 10]}" if number % 10 else "")
    return _ONES[number]


def ordinal(number: int) -> str:
    """'twenty third' for 23."""
    *before, last = cardinal(number).split()
    if last in _ORDINALS:
        last = _ORDINALS[last]
    elif last.endswith("y"):
        last = last[:-1] + "ieth"
    else:
        last += "th"
    return " ".join([*before, last])


def digits(text: str) -> str:
    """'zero zero seven' for '007'."""
    return " ".join(_ONES[int(char)] for char in text if char.isdecimal())


def year(number: int) -> str:
    """'nineteen eighty four' for 1984, 'two thousand five' for 2005."""
    century, rest = divmod(number, 100)
    if number % 1000 < 10 or not 11 <= century <= 99:
        return cardinal(number)
    if rest == 0:
        return f"{cardinal(century)} hundred"
    return f"{cardinal(century)} {'oh ' if rest < 10 else ''}{cardinal(rest)}"


def decade(number: int) -> str:
    """'nineteen eighties' for 1980, 'eighties' for 80."""
    words = year(number) if number >= 1000 else cardinal(number)
    return words[:-1] + "ies" if words.endswith("y") else words + "s"


def number(text: str) -> str:
    """Any plain number: '1,234', '3.14', '007', '-5', '2024'."""
    if text[0] in "-−–+":
        return ("plus " if text[0] == "+" else "minus ") + number(text[1:])
    whole, point, fraction = text.replace(",", "").partition(".")
    if point:
        before = cardinal(int(whole)) if whole and len(whole) < 16 else digits(whole)
        return f"{before} point {digits(fraction)}".strip()
    if len(whole) > 15 or (len(whole) > 1 and whole[0] == "0"):
        return digits(whole)
    value = int(whole)
    if len(whole) == 4 and "," not in text and 1100 <= value <= 2099:
        return year(value)
    return cardinal(value)


def plural(text: str) -> bool:
    """Whether a noun after this number is plural."""
    return text.lstrip("-+−–") != "1"
