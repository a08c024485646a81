"""The ear follows words through the audio: which phone was heard when, and where it lost the text."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rhubarb.ear.features import FRAMES_PER_SECOND, Features
from rhubarb.ear.graph import SILENCE, build
from rhubarb.ear.model import load
from rhubarb.ear.scoring import Scorer
from rhubarb.ear.viterbi import Viterbi
from rhubarb.speech.lexicon import Pronunciation

BIAS = 0.01
"""Seconds by which the model hears a phone too early, measured on synthetic voices."""
MIN_RATE = 13_600
"""Hz; below, the highest filters of the model (up to 6.8 kHz) would be empty."""
SLICE = 20
"""Frames scored at once: enough to be quick, few enough to let other threads in."""
LOST = 4.5
"""Nats per frame by which the text may sound worse than the best of its states.

Matching text stays under 3.5 over 1.5 s of natural voices, a wrong one has a median of 5 to 10.
"""
LOST_FRAMES = 150
FOUND_AGAIN = 200
"""Frames after which the ear does not come back."""


class Heard(NamedTuple):
    """`phone` of word number `word` from `start` to `end` seconds."""

    word: int
    phone: str
    start: float
    end: float


class Ear:
    """Forced alignment of `words` (each with its pronunciations) as the audio arrives.

    `pauses` says which words have punctuation behind them; `rate` is in Hz, at least MIN_RATE.
    Raises ImportError, OSError or ValueError if the acoustic model is not there.
    """

    def __init__(self, words: Sequence[Sequence[Pronunciation]], pauses: Sequence[bool], rate: int) -> None:
        model = load()
        self._graph = build(words, pauses, model)
        self._scorer = Scorer(model, self._graph.senones, self._graph.phones)
        self._features = Features(rate)
        self._path = Viterbi(self._graph, model)
        self._gap = array("d", [0.0])  # running sum of how far the text is from the best

    def feed(self, samples: NDArray[np.int16], last: bool = False) -> None:
        """Take the next samples; `last` if no more will come."""
        features = self._features.feed(samples, last)
        for first in range(0, len(features), SLICE):
            piece = features[first : first + SLICE]
            scores = self._scorer(piece, *self._path.window(len(piece)))
            best = scores.max(axis=1).tolist()
            for row, most in zip(scores, best, strict=True):
                gained = self._path.step(row[self._scorer.columns])
                self._gap.append(self._gap[-1] + most - gained)

    @property
    def time(self) -> float:
        """Seconds of audio that have been listened to."""
        return self._path.frames / FRAMES_PER_SECOND

    def heard(self, since: float = 0.0, *, final: bool = False) -> list[Heard]:
        """The phones from `since` seconds on as they look now, without silence.

        With `final` they reach the end of the text, if it was said to its end.
        """
        nodes = self._graph.nodes
        return [
            Heard(
                nodes[span.node].word,
                nodes[span.node].phone,
                span.start / FRAMES_PER_SECOND + (BIAS if span.start else 0.0),
                span.end / FRAMES_PER_SECOND + BIAS,
            )
            for span in self._path.best(round(since * FRAMES_PER_SECOND), final=final)
            if nodes[span.node].phone != SILENCE
        ]

    def lost(self) -> list[tuple[float, float]]:
        """The times (seconds) at which what is heard is not the text."""
        gap = np.array(self._gap)
        if len(gap) <= LOST_FRAMES:
            return []
        bad = np.flatnonzero(gap[LOST_FRAMES:] - gap[:-LOST_FRAMES] > LOST * LOST_FRAMES)
        if not len(bad):
            return []
        breaks = np.flatnonzero(np.diff(bad) > LOST_FRAMES)
        firsts = bad[np.concatenate(([0], breaks + 1))]
        lasts = bad[np.concatenate((breaks, [len(bad) - 1]))]
        # The middle half of the first and last bad windows is surely bad. What was found again soon was a
        # word said in another way, not another text.
        edge = LOST_FRAMES // 4
        spans = [
            (first + edge, last + LOST_FRAMES - edge)
            for first, last in zip(firsts.tolist(), lasts.tolist(), strict=True)
            if last - first > FOUND_AGAIN or last + LOST_FRAMES + 1 >= len(gap)
        ]
        return [(first / FRAMES_PER_SECOND, last / FRAMES_PER_SECOND) for first, last in spans]
