"""Dates and times of day."""

from __future__ import annotations

import re

from rhubarb.text.numbers import cardinal, decade, ordinal, year
from rhubarb.text.spoken import listed

_MONTHS = listed("january february march april may june july august september october november december")
_DAYS = listed("monday tuesday wednesday thursday friday saturday sunday")
_SHORT = {name[:3]: name for name in _MONTHS if name != "may"} | {"sept": "september"}
_SHORT_DAYS = {name[:3]: name for name in _DAYS} | {
    "tues": "tuesday",
    "thurs": "thursday",
    "thur": "thursday",
}

_MONTH = "|".join([*_MONTHS, *_SHORT])
_HALF = r"(?:\s?(?P<{0}_half>[ap])\.?\s?m\b\.?)"

PATTERNS = {
    "iso": r"(?P<is_year>\d{4})-(?P<is_month>0[1-9]|1[0-2])-(?P<is_day>0[1-9]|[12]\d|3[01])(?!\d)",
    "slashed": r"(?P<sl_month>0?[1-9]|1[0-2])/(?P<sl_day>[12]\d|3[01]|0?[1-9])"
    r"/(?P<sl_year>\d{4}|\d{2})(?!\d)",
    "month_day": rf"(?P<md_month>(?i:{_MONTH}))\b\.?\s(?P<md_day>[12]\d|3[01]|0?[1-9])(?:st|nd|rd|th)?"
    r"(?![\d:])(?:,?\s(?P<md_year>\d{4})(?!\d))?",
    "day_month": r"(?P<dm_day>[12]\d|3[01]|0?[1-9])(?:st|nd|rd|th)?\s(?:of\s)?"
    rf"(?P<dm_month>(?i:{_MONTH}))\b\.?(?:,?\s(?P<dm_year>\d{{4}})(?!\d))?",
    "decade": r"(?:'|’)?(?P<de_cade>\d{2,3}0)['’]?s\b|(?:'|’)(?P<de_short>\d0)s\b",
    "clock": r"(?P<cl_hour>[01]?\d|2[0-3]):(?P<cl_minute>[0-5]\d)(?::(?P<cl_second>[0-5]\d))?(?!\d)"
    + _HALF.format("cl") + "?",
    "hour": r"(?P<ho_hour>1[0-2]|[1-9])" + _HALF.format("ho"),
}  # fmt: skip


def short_name(word: str) -> str | None:
    """The month or day that `word` (lower case, without its dot) abbreviates."""
    return _SHORT.get(word) or _SHORT_DAYS.get(word)


def _month(name: str) -> str:
    return _SHORT.get(name.lower(), name.lower())


def _date(month: str, day: str, in_year: str | None) -> str:
    return f"{month} {ordinal(int(day))}" + (f" {year(int(in_year))}" if in_year else "")


def iso(m: re.Match[str]) -> str:
    return _date(_MONTHS[int(m["is_month"]) - 1], m["is_day"], m["is_year"])


def slashed(m: re.Match[str]) -> str:
    full = m["sl_year"] if len(m["sl_year"]) == 4 else ("20" if int(m["sl_year"]) < 50 else "19") + m["sl_year"]
    return _date(_MONTHS[int(m["sl_month"]) - 1], m["sl_day"], full)


def month_day(m: re.Match[str]) -> str:
    return _date(_month(m["md_month"]), m["md_day"], m["md_year"])


def day_month(m: re.Match[str]) -> str:
    in_year = f" {year(int(m['dm_year']))}" if m["dm_year"] else ""
    of = "of " if " of " in m.group() else ""
    return f"{ordinal(int(m['dm_day']))} {of}{_month(m['dm_month'])}{in_year}"


def decade_(m: re.Match[str]) -> str:
    return decade(int(m["de_cade"] or m["de_short"]))


def clock(m: re.Match[str]) -> str:
    hour, minute = int(m["cl_hour"]), int(m["cl_minute"])
    words = cardinal(hour)
    if minute:
        words += f" {'oh ' if minute < 10 else ''}{cardinal(minute)}"
    elif not m["cl_half"]:
        words += " o'clock" if hour <= 12 else " hundred"
    if m["cl_second"]:
        words += f" and {cardinal(int(m['cl_second']))} seconds"
    return words + _half(m["cl_half"])


def hour(m: re.Match[str]) -> str:
    return cardinal(int(m["ho_hour"])) + _half(m["ho_half"])


def _half(letter: str | None) -> str:
    return f" {letter.lower()} m" if letter else ""


READERS = {
    "iso": iso, "slashed": slashed, "month_day": month_day, "day_month": day_month, "decade": decade_,
    "clock": clock, "hour": hour,
}  # fmt: skip
