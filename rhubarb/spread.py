"""Placing words without an ear: by the voice's word times, by the pace of typical speech, or by loudness."""

from __future__ import annotations

from collections.abc import Sequence

from rhubarb.activity import FRAME, Activity
from rhubarb.model import Phone
from rhubarb.plan import Plan, Planned, fit_words
from rhubarb.speech.durations import typical

PATIENCE = 0.4
"""Seconds that speech may run behind the typical pace before a pause at a comma is no longer expected."""
MIN_GAP = 0.02


def by_words(plan: Plan, activity: Activity) -> list[Phone]:
    """All phones: those of anchored words within their times, the others between or after them."""
    phones: list[Phone] = []
    time = 0.0
    waiting: list[Planned] = []
    for word in plan.words[: plan.reached]:
        if word.start is None or word.end is None:
            waiting.append(word)
            continue
        phones += _between(waiting, time, word.start)
        waiting = []
        phones += word.timed or word.place(word.start, word.end)
        time = word.end
    return phones + by_pace([*waiting, *plan.words[plan.reached :]], activity, time)


def _between(words: list[Planned], start: float, end: float) -> list[Phone]:
    """Words the voice gave no times for, in the gap between those it did."""
    if not words or end - start < MIN_GAP * len(words):
        return []
    needed = sum(sum(typical(word.phones)) for word in words)
    edges = fit_words(words, max(start, end - needed), end)
    return [phone for index, word in enumerate(words) for phone in word.place(edges[index], edges[index + 1])]


def by_pace(words: Sequence[Planned], activity: Activity, since: float = 0.0) -> list[Phone]:
    """Phones at the pace of typical speech, starting with the sound, halting where it halts."""
    phones: list[Phone] = []
    time = since
    horizon = len(activity) * FRAME + 1.0
    for word in words:
        start = max(time, activity.next_sound(round(time / FRAME)) * FRAME)
        if start > horizon:
            break
        length = sum(typical(word.phones, before_pause=word.spoken.pause))
        end = start + length
        late = PATIENCE if word.spoken.pause else 0.0
        pause = activity.next_pause(round((start + length / 2) / FRAME), round((end + late) / FRAME))
        if pause is not None and pause * FRAME - start >= length / 3:
            end = pause * FRAME
        phones += word.place(start, end)
        time = end
    return phones


# Relative loudness from which each phone is shown: wide open, open, teeth.
_BY_LEVEL = ((0.5, "AA"), (0.22, "EH"), (0.05, "IH"))
STEP = 9
"""Frames per shape; a syllable of ordinary speech (five a second) has about two."""


def by_loudness(activity: Activity, since: float = 0.0) -> list[Phone]:
    """Vowels as open as the sound is loud."""
    phones: list[Phone] = []
    first = round(since / FRAME) // STEP
    for step in range(first, -(-len(activity) // STEP)):
        level = activity.level(step * STEP, (step + 1) * STEP)
        phone = next((phone for least, phone in _BY_LEVEL if level >= least), None)
        if phone:
            phones.append(Phone(step * STEP * FRAME, (step + 1) * STEP * FRAME, phone))
    return phones
