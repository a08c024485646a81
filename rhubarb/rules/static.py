"""Step 6: a mouth that stands still through three syllables looks dead, so some vowels are varied."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations
from math import comb

from rhubarb.rules.track import Rule, Run, runs

MIN_LENGTH = 75
MIN_VOWELS = 3
MAX_CHANGES = 3

# Every combination is animated, and there are n over 3 of them. Rhubarb takes whatever time that takes; here
# a round that would draw more than this many centiseconds is left out (about a second of work).
EFFORT = 300_000

Draw = Callable[[Sequence[Rule]], str]


def vary(rules: Sequence[Rule], draw: Draw, effort: int = EFFORT) -> str:
    """The track of `rules`, with changed vowels where a shape would be held too long."""
    track = draw(rules)
    still = static_runs(rules, track)
    if not still:
        return track
    changed = list(rules)
    for run in still:
        first, last = _fixed_around(rules, run)
        changed[first : last + 1] = _improve(changed[first : last + 1], draw, effort)
    return draw(changed)


def static_runs(rules: Sequence[Rule], track: str) -> list[Run]:
    """The runs of `track` that hold one shape over three vowels or more."""
    origin = rules[0].start
    return [run for run in runs(track, origin) if run.length >= MIN_LENGTH and _vowels(rules, run) >= MIN_VOWELS]


def _vowels(rules: Sequence[Rule], run: Run) -> int:
    return sum(
        rule.vowel
        and rule.start < run.end
        and rule.end > run.start
        and run.start <= (rule.phone_start + rule.phone_end) // 2 < run.end
        for rule in rules
    )


def _fixed_around(rules: Sequence[Rule], run: Run) -> tuple[int, int]:
    """The rules `run` touches, widened to outer ones with a single shape: nothing beyond those matters."""
    first = next(index for index, rule in enumerate(rules) if rule.end > run.start)
    last = next(index for index, rule in enumerate(rules) if rule.end >= run.end)
    while first > 0 and len(rules[first].shapes) > 1:
        first -= 1
    while last < len(rules) - 1 and len(rules[last].shapes) > 1:
        last += 1
    return first, last


def _improve(rules: list[Rule], draw: Draw, effort: int) -> list[Rule]:
    """`rules` with as few vowels changed as will do."""
    vowels = [index for index, rule in enumerate(rules) if rule.vowel and len(rule.shapes) == 1]
    best = rules
    track = draw(rules)
    best_still, best_cost = len(static_runs(rules, track)), _cost(track)
    for count in range(1, min(MAX_CHANGES, len(vowels)) + 1):
        if not best_still or comb(len(vowels), count) * len(track) > effort:
            break
        for choice in combinations(vowels, count):
            # Only teeth (B) are ever held that long; opening to C is what breaks them up.
            if all(rules[index].shapes != "B" for index in choice):
                continue
            candidate = list(rules)
            for index in choice:
                if rules[index].shapes == "B":
                    candidate[index] = rules[index]._replace(shapes="C")
            track = draw(candidate)
            still, cost = len(static_runs(candidate, track)), _cost(track)
            if (not still and best_still) or cost < best_cost:
                best, best_still, best_cost = candidate, still, cost
    return best


def _cost(track: str) -> int:
    return sum(run.length**2 for run in runs(track))
