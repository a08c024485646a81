"""How Rhubarb walks over neighbouring shapes.

Its walk stumbles at the beginning: triples go (0,1,2), (1,2,2), (2,2,3), (2,3,4), (3,4,5) ..., pairs
(0,1), (1,1), (1,2) ..., and the last one is never visited. The output depends on it, so it is kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rhubarb.rules.track import Run


def triples(items: Sequence[Run]) -> Iterator[tuple[Run, Run, Run]]:
    if len(items) < 3:
        return
    order = [0, 1, 2, 2, *range(3, len(items))]
    for number in range(len(order) - 3):
        first, second, third = order[number : number + 3]
        yield items[first], items[second], items[third]


def pairs(items: Sequence[Run]) -> Iterator[tuple[Run, Run]]:
    if len(items) < 2:
        return
    order = [0, 1, 1, *range(2, len(items))]
    for number in range(len(order) - 2):
        first, second = order[number : number + 2]
        yield items[first], items[second]
