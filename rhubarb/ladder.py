"""The best phones there are: heard ones where the ear follows the text, something sensible elsewhere.

From the best rung to the last: what the ear heard, moved into the voice's own word times; those word times
alone; what the ear made of a text that does not match; the pace of typical speech; loudness.
"""

from __future__ import annotations

from itertools import groupby
from statistics import median

from rhubarb.activity import Activity
from rhubarb.ear.ear import Ear, Heard
from rhubarb.model import Phone
from rhubarb.plan import Plan, Planned
from rhubarb.spread import by_loudness, by_pace, by_words

NEAR = 0.25
"""Seconds by which the ear and the voice may differ about a word and still mean the same one."""

ENOUGH, CLEARLY = 3, 0.025
"""Words and seconds from which a common difference between ear and voice is not chance."""
GAP = 0.05
"""Seconds beside a phone that still belong to it."""
COMING = 4
"""Words of which the rules may see the beginning before they are heard."""

Span = tuple[float, float]


def unheard(plan: Plan, activity: Activity, since: float) -> list[Phone]:
    """Phones without an ear."""
    if plan.reached:
        return by_words(plan, activity)
    if plan.words:
        return by_pace(plan.words, activity)
    return by_loudness(activity, since)


def heard(
    plan: Plan, followed: list[Planned], ear: Ear, activity: Activity, since: float, *, final: bool
) -> list[Phone]:
    """Phones from `since` seconds on, as the ear, which follows the words `followed`, heard them."""
    lost = ear.lost()
    found = {
        number: list(group) for number, group in groupby(ear.heard(since, final=final), key=lambda item: item.word)
    }
    phones: list[Phone] = []
    late = _late(followed, found)
    for number, items in found.items():
        word = followed[number]
        if word.start is not None and word.end is not None:
            times = word.start + late, word.end + late
            phones += _anchored(word, items, times, lost, ear.time, final=final)
        else:
            # Also where the ear is lost: what sounds most like it is still better than a guess.
            phones += [Phone(item.start, item.end, item.phone) for item in items]
    # Words that the voice has timed are said, even if the ear did not hear them.
    known = {id(followed[number]) for number in found}
    for word in plan.words[: plan.reached]:
        if id(word) not in known and word.start is not None and word.end is not None and word.end > since:
            phones += word.timed or word.place(word.start, word.end)
    if not plan.reached:
        phones += [phone for start, end in lost if end > since for phone in _unexplained(phones, activity, start, end)]
    if not final:
        after = plan.words.index(followed[max(found)]) + 1 if found else 0
        coming = plan.words[max(after, plan.reached) :][:COMING]
        phones += by_pace(coming, activity, max([ear.time, *(phone.end for phone in phones)]))
    return phones


def _late(followed: list[Planned], found: dict[int, list[Heard]]) -> float:
    """Seconds by which the sound as a whole runs behind the voice's word times; 0 unless it clearly does.

    A decoder may add 46 ms of silence to an mp3 that the voice knows nothing of.
    """
    apart = [
        items[0].start - start
        for number, items in found.items()
        if (start := followed[number].start) is not None and abs(items[0].start - start) < NEAR
    ]
    middle = median(apart) if len(apart) >= ENOUGH else 0.0
    return middle if abs(middle) > CLEARLY else 0.0


def _anchored(
    word: Planned, found: list[Heard], times: Span, lost: list[Span], now: float, *, final: bool
) -> list[Phone]:
    """A word that both the ear and the voice have times for."""
    start, end = times
    agrees = abs(found[0].start - start) < NEAR and abs(found[-1].end - end) < NEAR
    ongoing = not final and found[-1].end >= now
    if (agrees or ongoing) and not _touches(lost, start, end):
        return _moved(found, start, end, ongoing)
    return word.place(start, end)


def _touches(spans: list[Span], start: float, end: float) -> bool:
    """Whether most of `start` to `end` lies within one of `spans`."""
    return any(min(end, stop) - max(start, begin) > (end - start) / 2 for begin, stop in spans)


def _moved(found: list[Heard], start: float, end: float, ongoing: bool) -> list[Phone]:
    """Heard phones, stretched to the word's own time; one still being heard is only shifted."""
    first, last = found[0].start, found[-1].end
    scale = 1.0 if ongoing or last <= first else (end - start) / (last - first)
    return [
        Phone(start + (item.start - first) * scale, start + (item.end - first) * scale, item.phone) for item in found
    ]


def _unexplained(phones: list[Phone], activity: Activity, start: float, end: float) -> list[Phone]:
    """Loudness, where the ear is lost and heard silence."""
    return [
        phone
        for phone in by_loudness(activity, start)
        if start <= phone.start
        and phone.end <= end
        and not any(phone.start < other.end + GAP and other.start - GAP < phone.end for other in phones)
    ]
