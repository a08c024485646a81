"""Step 3: every movement gets the time it needs to be seen."""

from __future__ import annotations

from rhubarb.rules.track import Run, runs

MIN_SEGMENT = 8
"""Centiseconds an open or closed stretch needs to register."""
MAX_EXTENSION = 6
"""Centiseconds by which a stretch may be brought forward."""
WINDOW = 7
"""Centiseconds one shape needs to register."""

# What each shape means to the stretch it is in: idle, closed, or open.
_STATES = str.maketrans("XABCDEFGH", "xaooooooo")


def retime(source: Run, track: str, origin: int, start: int, end: int) -> str:
    """Redraw the stretch `source` of `track` into `start` to `end`, dropping what is too short to be seen.

    Works from the right, a window at a time; `origin` is the time of the track's first letter.
    """
    drawn = ""
    cursor = end
    while cursor > start:
        left = cursor - start
        window = left // 2 if WINDOW < left <= 2 * WINDOW else WINDOW
        # The first window also sees everything of the source that lies beyond the target.
        until = source.end if cursor == end else cursor
        since = max(cursor - window, source.start)
        if until <= source.start:
            # The target reaches back beyond the source: its first shape fills the rest.
            shape = track[source.start - origin]
        else:
            shape = _longest(track[since - origin : until - origin])
        if since <= source.start:
            since = start
        drawn = shape * (cursor - since) + drawn
        cursor = since
    return drawn


def _longest(piece: str) -> str:
    """The shape that `piece` shows longest; of equals the first in the alphabet; D instead of C if it can."""
    shape = max(sorted(set(piece)), key=piece.count)
    return "D" if shape == "C" and "D" in piece else shape


def optimize(track: str, origin: int = 0) -> str:
    """`track` with every open or closed stretch long enough to be seen, as far as there is room."""
    stretches = list(runs(track.translate(_STATES), origin))
    result = ""
    edge = origin + len(track)

    def write(source: Run, start: int) -> None:
        nonlocal result, edge
        piece = retime(source, track, origin, start, edge)
        result = piece + result
        edge = edge - len(piece)

    index = len(stretches) - 1
    while index >= 0:
        stretch = stretches[index]
        # What lies right of an idle stretch, or is idle itself, stays X.
        if stretch.value == "x":
            index -= 1
            continue
        if stretch.end < edge:
            result = "X" * (edge - stretch.end) + result
            edge = stretch.end
        if edge - stretch.start >= MIN_SEGMENT:
            write(stretch, stretch.start)
            index -= 1
            continue
        first = index
        while first > 0 and stretches[first - 1].value != "x" and stretches[first - 1].length < MIN_SEGMENT:
            first -= 1
        count = index - first + 1
        room = stretches[first - 1].length - 1 if first > 0 else 0
        wanted = MIN_SEGMENT * count - (stretch.end - stretches[first].start)
        start = stretches[first].start - min(wanted, room, MAX_EXTENSION)
        for number in range(index, first - 1, -1):
            write(stretches[number], edge - (edge - start) // (number - first + 1))
        index = first - 1
    return "X" * (edge - origin) + result
