"""The most likely way through the graph, frame by frame."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rhubarb.ear.graph import START, Graph
from rhubarb.ear.model import AcousticModel

IMPOSSIBLE = np.float32(-1e30)
BEAM = 250.0
"""Natural log; paths that much worse than the best are given up."""
FORGET = 200
"""Frames that are forgotten at once."""
UNFINISHED = 60.0
"""A path to the end of the text that much worse than the best means that the text was not said to its end."""


class Span(NamedTuple):
    """`node` was heard from frame `start` to `end`."""

    node: int
    start: int
    end: int


class Viterbi:
    """Passes tokens through a graph. A token is the number of the last entry into a node."""

    def __init__(self, graph: Graph, model: AcousticModel) -> None:
        count = len(graph.nodes)
        self._graph = graph
        self._stay, self._leave = model.stay[graph.phones], model.leave[graph.phones]
        self._score = np.full((count, 3), IMPOSSIBLE, np.float32)
        self._token = np.zeros((count, 3), np.int64)
        self._low, self._high = 0, 0
        # Up to where the successors of the first so many nodes reach; of none: those that speech begins with.
        reach = np.arange(count + 1)
        np.maximum.at(reach, (graph.before + 1).ravel(), np.repeat(np.arange(count) + 1, graph.before.shape[1]))
        self._reach = np.maximum.accumulate(reach)
        self.frames = 0
        self._forgotten = 0
        self._entries: list[tuple[int, NDArray[np.int64]]] = []  # per frame: first node, tokens entering
        self._start = True

    def window(self, frames: int) -> tuple[int, int]:
        """The nodes that may be alive within so many frames."""
        high = self._high
        # A phone lasts three frames or more, one for each of its states.
        for _ in range(frames // 3 + 1):
            high = int(self._reach[high])
        return self._low, high

    def step(self, scores: NDArray[np.float32]) -> float:
        """One frame; `scores` (node, 3) are the log likelihoods of its states. What the best path gained."""
        low = self._low
        high = int(self._reach[self._high])
        score, token = self._score[low:high], self._token[low:high]
        stay, leave = self._stay[low:high], self._leave[low:high]
        begin = np.float32(0) if self._start else IMPOSSIBLE
        exits = np.append(self._score[:high, 2] + self._leave[:high, 2], begin)
        before = self._graph.before[low:high]
        coming = exits[before]
        choice = coming.argmax(axis=1)
        rows = np.arange(high - low)
        source = before[rows, choice]
        entering = coming[rows, choice]
        carried = np.append(self._token[:high, 2], -1)[source]
        self._entries.append((low, carried))
        mine = self.frames * len(self._graph.nodes) + np.arange(low, high)

        moved = np.empty_like(score)
        moved[:, 0] = entering
        moved[:, 1:] = score[:, :2] + leave[:, :2]
        stayed = score + stay
        moves = moved > stayed
        arriving = np.empty_like(token)
        arriving[:, 0] = mine
        arriving[:, 1:] = token[:, :2]
        self._token[low:high] = np.where(moves, arriving, token)
        fresh = np.where(moves, moved, stayed) + scores[low:high]
        best = float(fresh.max())
        fresh -= best
        fresh[fresh < -BEAM] = IMPOSSIBLE
        self._score[low:high] = fresh
        alive = np.flatnonzero(fresh.max(axis=1) > IMPOSSIBLE)
        self._score[low : low + alive[0]] = IMPOSSIBLE
        self._low, self._high = low + int(alive[0]), low + int(alive[-1]) + 1
        self._start = False
        self.frames += 1
        return best

    def best(self, since: int = 0, *, final: bool = False) -> list[Span]:
        """The best path so far, from the node on that was being heard at frame `since`.

        With `final` it is one that reaches the end of the text, if any does. What lies before `since` is
        forgotten: later calls cannot go back behind it.
        """
        if not self.frames:
            return []
        node, state = divmod(int(self._score.argmax()), 3)
        if final:
            ends = [end for end in self._graph.last if end != START]
            end = max(ends, key=lambda index: float(self._score[index, 2]))
            if self._score[end, 2] > -UNFINISHED:
                node, state = end, 2
        spans: list[Span] = []
        token, end = int(self._token[node, state]), self.frames
        count = len(self._graph.nodes)
        while token >= 0:
            start, node = divmod(token, count)
            spans.append(Span(node, start, end))
            if start <= since:
                break
            low, carried = self._entries[start - self._forgotten]
            token, end = int(carried[node - low]), start
        if since - self._forgotten > FORGET:
            del self._entries[: since - self._forgotten]
            self._forgotten = since
        return spans[::-1]
