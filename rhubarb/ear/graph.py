"""The sounds a text can make: a graph of phones in context, with optional silences and pronunciations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rhubarb.ear.model import BEGIN, END, INTERNAL, SINGLE, AcousticModel
from rhubarb.speech.lexicon import Pronunciation

SILENCE = "SIL"
# The model has no schwa: it takes the vowel of 'the'.
_SPELLED = {"Schwa": "AH", "Noise": "+NSN+"}

MAX_VARIANTS = 4
"""Pronunciations per word that are tried."""
START = -1
"""Predecessor of what may come first."""


@dataclass(frozen=True, slots=True)
class Node:
    """One phone of one pronunciation of word number `word`; silence belongs to no word (-1)."""

    phone: str
    word: int
    index: int


@dataclass(frozen=True, slots=True)
class Graph:
    """Nodes in the order of speech; every node comes after all of its predecessors."""

    nodes: list[Node]
    senones: NDArray[np.int32]
    """(node, 3)"""
    phones: NDArray[np.int32]
    """(node,): numbers in the acoustic model."""
    before: NDArray[np.int32]
    """(node, k): predecessors, filled up with repetitions; START where speech may begin."""
    last: list[int]
    """Nodes speech may end with."""


def build(words: Sequence[Sequence[Pronunciation]], pauses: Sequence[bool], model: AcousticModel) -> Graph:
    """The graph of `words`, each with its pronunciations; `pauses`: which have punctuation behind them."""
    number = {name: index for index, name in enumerate(model.names)}
    silence = number[SILENCE]
    nodes: list[Node] = []
    senones: list[NDArray[np.uint16]] = []
    phones: list[int] = []
    before: list[list[int]] = []

    def add(node: Node, states: NDArray[np.uint16], phone: int, predecessors: list[int]) -> int:
        nodes.append(node)
        senones.append(states)
        phones.append(phone)
        before.append(predecessors)
        return len(nodes) - 1

    def rest(predecessors: list[int]) -> int:
        return add(Node(SILENCE, -1, 0), model.of(model.base[silence]), silence, predecessors)

    def numbered(pronunciation: Pronunciation) -> list[int]:
        return [number.get(_SPELLED.get(phone, phone), silence) for phone in pronunciation]

    # Where the next word may be entered from: the ends of the word before, and the silence after them.
    entries = [START, rest([START])]
    left = silence
    for position, word in enumerate(words):
        variants = word[:MAX_VARIANTS]
        following = numbered(words[position + 1][0])[0] if position + 1 < len(words) else silence
        if pauses[position]:
            following = silence
        ends = []
        for variant in variants:
            sounds = numbered(variant)
            at = entries
            for index, phone in enumerate(sounds):
                only, first, final = len(sounds) == 1, index == 0, index == len(sounds) - 1
                place = SINGLE if only else BEGIN if first else END if final else INTERNAL
                behind = left if first else sounds[index - 1]
                ahead = following if final else sounds[index + 1]
                states = model.senones(phone, behind, ahead, place)
                at = [add(Node(variant[index], position, index), states, phone, at)]
            ends += at
        left = silence if pauses[position] else numbered(variants[0])[-1]
        entries = [*ends, rest(ends)]
    most = max(map(len, before))
    return Graph(
        nodes,
        np.array(senones, np.int32),
        np.array(phones, np.int32),
        np.array([found + [found[0]] * (most - len(found)) for found in before], np.int32),
        entries,
    )
