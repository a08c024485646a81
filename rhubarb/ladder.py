"""The best phones there are: heard ones where the ear follows the text, something sensible elsewhere.

From the best rung to the last: what the ear heard, moved into the voice's own word times; those word times
alone; the pace of typical speech; loudness.
"""

from __future__ import annotations

from itertools import groupby

from rhubarb.activity import Activity
from rhubarb.ear.ear import Ear, Heard
from rhubarb.model import Phone
from rhubarb.plan import Plan, Planned
from rhubarb.spread import by_loudness, by_pace, by_words

NEAR = 0.25
"""Seconds by which the ear and the voice may differ about a word and still mean the same one."""

Span = tuple[float, float]


def unheard(plan: Plan, activity: Activity, since: float) -> list[Phone]:
    """Phones without an ear."""
    if plan.reached:
        return by_words(plan, activity)
    if plan.words:
        return by_pace(plan.words, activity)
    return by_loudness(activity, since)


def heard(plan: Plan, ear: Ear, activity: Activity, since: float, *, final: bool) -> list[Phone]:
    """Phones from `since` seconds on, as the ear heard them where it could."""
    lost = ear.lost()
    phones: list[Phone] = []
    astray: list[Planned] = []
    last = -1
    for number, group in groupby(ear.heard(since, final=final), key=lambda item: item.word):
        found = list(group)
        word = plan.words[number]
        last = number
        if word.start is not None and word.end is not None:
            agrees = abs(found[0].start - word.start) < NEAR and abs(found[-1].end - word.end) < NEAR
            ongoing = not final and found[-1].end >= ear.time
            fits = (agrees or ongoing) and not _touches(lost, word.start, word.end)
            times = word.start, word.end
            phones += _moved(found, *times, ongoing) if fits else word.place(*times)
        elif _touches(lost, found[0].start, found[-1].end):
            astray.append(word)
        else:
            phones += [Phone(item.start, item.end, item.phone) for item in found]
    coming = [] if final else plan.words[last + 1 :]
    for start, end in lost:
        if end > since and not plan.reached:
            phones += _lost(astray, activity, start, end)
            astray = []
    return phones + _coming(coming, activity, max([ear.time, *(phone.end for phone in phones[-1:])]))


def _touches(spans: list[Span], start: float, end: float) -> bool:
    """Whether most of `start` to `end` lies within one of `spans`."""
    return any(min(end, stop) - max(start, begin) > (end - start) / 2 for begin, stop in spans)


def _moved(found: list[Heard], start: float, end: float, ongoing: bool) -> list[Phone]:
    """Heard phones, stretched to the word's own time; one still being heard is only shifted."""
    first, last = found[0].start, found[-1].end
    scale = 1.0 if ongoing or last <= first else (end - start) / (last - first)
    return [
        Phone(start + (item.start - first) * scale, start + (item.end - first) * scale, item.phone)
        for item in found
    ]


def _lost(words: list[Planned], activity: Activity, start: float, end: float) -> list[Phone]:
    """Where the ear lost the text: its words at a typical pace, then loudness."""
    paced = [phone for phone in by_pace(words, activity, start) if phone.end <= end]
    since = paced[-1].end if paced else start
    rest = (phone for phone in by_loudness(activity, since) if phone.start >= since and phone.end <= end)
    return [*paced, *rest]


def _coming(words: list[Planned], activity: Activity, time: float) -> list[Phone]:
    """What will be said next, as far as the rules look ahead."""
    phones: list[Phone] = []
    for word in words:
        if word.start is None or word.end is None or len(phones) > 20:
            break
        phones += word.place(word.start, word.end) if word.start >= time - NEAR else []
    return phones or by_pace(words[:4], activity, time)
