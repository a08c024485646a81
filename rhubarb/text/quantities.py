"""Money, percentages, degrees, measures, fractions, ranges."""

from __future__ import annotations

import re

from rhubarb.text.numbers import cardinal, number, ordinal, plural

NUMBER = r"[-+−]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?"

# Symbol or code: one, many, one hundredth, many hundredths.
_CURRENCIES = {
    "$": ("dollar", "dollars", "cent", "cents"), "US$": ("dollar", "dollars", "cent", "cents"),
    "USD": ("dollar", "dollars", "cent", "cents"), "€": ("euro", "euros", "cent", "cents"),
    "EUR": ("euro", "euros", "cent", "cents"), "£": ("pound", "pounds", "penny", "pence"),
    "GBP": ("pound", "pounds", "penny", "pence"), "¥": ("yen", "yen", "sen", "sen"),
    "₹": ("rupee", "rupees", "paisa", "paise"), "CHF": ("franc", "francs", "centime", "centimes"),
}  # fmt: skip
_SIZES = {
    "k": "thousand", "K": "thousand", "m": "million", "M": "million", "mn": "million", "bn": "billion",
    "B": "billion", "b": "billion", "T": "trillion", "thousand": "thousand", "million": "million",
    "billion": "billion", "trillion": "trillion", "hundred": "hundred",
}  # fmt: skip
_UNITS = {
    "km": "kilometer", "m": "meter", "cm": "centimeter", "mm": "millimeter", "mi": "mile", "ft": "foot",
    "in": "inch", "yd": "yard", "nm": "nanometer", "kg": "kilogram", "g": "gram", "mg": "milligram",
    "lb": "pound", "lbs": "pound", "oz": "ounce", "t": "ton", "l": "liter", "L": "liter", "ml": "milliliter",
    "mL": "milliliter", "h": "hour", "hr": "hour", "hrs": "hour", "min": "minute", "mins": "minute",
    "s": "second", "sec": "second", "secs": "second", "ms": "millisecond", "GB": "gigabyte", "MB": "megabyte",
    "KB": "kilobyte", "kB": "kilobyte", "TB": "terabyte", "GHz": "gigahertz", "MHz": "megahertz",
    "kHz": "kilohertz", "Hz": "hertz", "kW": "kilowatt", "kWh": "kilowatt hour", "W": "watt", "V": "volt",
    "A": "amp", "mph": "mile per hour", "km/h": "kilometer per hour", "kph": "kilometer per hour",
    "m/s": "meter per second", "Mbps": "megabit per second", "dB": "decibel", "px": "pixel",
    "fps": "frame per second", "rpm": "revolution per minute", "sq ft": "square foot", "m²": "square meter",
    "km²": "square kilometer", "m³": "cubic meter",
}  # fmt: skip
_PLURALS = {"foot": "feet", "inch": "inches", "hertz": "hertz", "gigahertz": "gigahertz"}
_FRACTIONS = {
    "½": "a half", "⅓": "a third", "¼": "a quarter", "¾": "three quarters", "⅔": "two thirds",
    "⅛": "an eighth", "⅕": "a fifth",
}  # fmt: skip


def _any(names: dict[str, object] | dict[str, str]) -> str:
    return "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))


_CURRENCY = _any({name: name for name in _CURRENCIES})
_SIZE = _any(_SIZES)

PATTERNS = {
    "money_before": rf"(?P<mb_sign>[-−]?)(?P<mb_what>{_CURRENCY})\s?(?P<mb_number>{NUMBER})"
    rf"(?:\s?(?P<mb_size>{_SIZE})\b)?",
    "money_after": rf"(?P<ma_number>{NUMBER})(?:\s?(?P<ma_size>{_SIZE}))?\s?(?P<ma_what>{_CURRENCY})(?!\w)",
    "degrees": rf"(?P<de_number>{NUMBER})\s?°\s?(?P<de_scale>[CF]\b)?",
    "percent": rf"(?P<pc_number>{NUMBER})\s?(?:%|percent\b)",
    "mixed": rf"(?:(?P<mx_number>\d+)\s?)?(?P<mx_fraction>[{''.join(_FRACTIONS)}])",
    "fraction": r"(?:(?P<fr_whole>\d+)\s)?(?P<fr_top>\d{1,2})/(?P<fr_bottom>[2-9]|1\d|20|100)(?![\d/])",
    "measure": rf"(?P<me_number>{NUMBER})\s?(?P<me_unit>{_any(_UNITS)})(?![\w/])",
    "size": rf"(?![248]K)(?P<si_number>{NUMBER})\s?(?P<si_size>bn|mn|[kKMB])\b",
    "range": r"(?P<ra_from>\d[\d,.]{0,18}\d|\d)\s?[-–—]\s?(?P<ra_to>\d[\d,.]{0,18}\d|\d)(?![\d-])",
    "times": rf"(?P<ti_number>{NUMBER})\s?[x×](?!\w)",
}  # fmt: skip


def money_before(m: re.Match[str]) -> str:
    return ("minus " if m["mb_sign"] else "") + _money(m["mb_number"], m["mb_what"], m["mb_size"])


def money_after(m: re.Match[str]) -> str:
    return _money(m["ma_number"], m["ma_what"], m["ma_size"])


def _money(amount: str, what: str, size: str | None) -> str:
    one, many, small_one, small_many = _CURRENCIES[what]
    if size:
        return f"{number(amount)} {_SIZES[size]} {many}"
    whole, _, cents = amount.replace(",", "").partition(".")
    big = f"{_plain(whole)} {many if plural(whole) else one}"
    if len(cents) != 2:
        return big if not cents else f"{number(amount)} {many}"
    if cents == "00":
        return big
    small = f"{cardinal(int(cents))} {small_many if plural(str(int(cents))) else small_one}"
    return small if whole == "0" else f"{big} and {small}"


def _plain(whole: str) -> str:
    """A count, never read as a year."""
    return cardinal(int(whole)) if len(whole) < 16 else number(whole)


def degrees(m: re.Match[str]) -> str:
    scale = {"C": " celsius", "F": " fahrenheit", None: ""}[m["de_scale"]]
    return f"{number(m['de_number'])} {'degrees' if plural(m['de_number']) else 'degree'}{scale}"


def percent(m: re.Match[str]) -> str:
    return f"{number(m['pc_number'])} percent"


def mixed(m: re.Match[str]) -> str:
    fraction = _FRACTIONS[m["mx_fraction"]]
    return f"{number(m['mx_number'])} and {fraction}" if m["mx_number"] else fraction


def fraction(m: re.Match[str]) -> str:
    top, bottom = int(m["fr_top"]), int(m["fr_bottom"])
    name = {2: "half", 4: "quarter"}.get(bottom) or ordinal(bottom)
    if top != 1:
        name = "halves" if bottom == 2 else name + "s"
    words = f"{'one' if top == 1 else cardinal(top)} {name}"
    return f"{number(m['fr_whole'])} and {words}" if m["fr_whole"] else words


def measure(m: re.Match[str]) -> str:
    first, *rest = _UNITS[m["me_unit"]].split()
    if first in {"square", "cubic"}:
        noun = rest[0]
        return f"{number(m['me_number'])} {first} {_PLURALS.get(noun, noun + 's')}"
    if plural(m["me_number"]):
        first = _PLURALS.get(first, first if first.endswith("hertz") else first + "s")
        if rest == ["hour"]:
            first, rest = first[:-1], ["hours"]
    return " ".join([number(m["me_number"]), first, *rest])


def size(m: re.Match[str]) -> str:
    return f"{number(m['si_number'])} {_SIZES[m['si_size']]}"


def range_(m: re.Match[str]) -> str:
    return f"{number(m['ra_from'])} to {number(m['ra_to'])}"


def times(m: re.Match[str]) -> str:
    return f"{number(m['ti_number'])} times"


READERS = {
    "money_before": money_before, "money_after": money_after, "degrees": degrees, "percent": percent,
    "mixed": mixed, "fraction": fraction, "measure": measure, "size": size, "range": range_, "times": times,
}  # fmt: skip
