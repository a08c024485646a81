"""Chooses how much mind a question needs: a canned line, a small model, or a strong one.

The choice takes microseconds and can be explained: a handful of features that a person can read, each with a
weight, summed. `calibrate` finds the weights from labelled questions; those in `router.json` come from
`bench/data/router.tsv`.
"""

import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from backend.thinking.skills import is_skill
from backend.thinking.smalltalk import is_small_talk, without_greeting
from backend.words import words

Rung = Literal["canned", "small", "strong"]
RUNGS: tuple[Rung, ...] = ("canned", "small", "strong")
WEIGHTS = Path(__file__).with_name("router.json")
MISS_COST = 2.0
"""A hard question given to the small model is this many times worse than an easy one given to the strong model."""

_REASONING = re.compile(
    r"\b(?:why|explain|analy[sz]e|evaluate|derive|prove|justify|reason(?:s|ing)?|argument|causes?|because|trade-?offs?"
    r"|pros and cons|(?:dis)?advantages|assumptions?|implications?|consequences|interpret|critical|investigate|debug"
    r"|strateg(?:y|ies)|weigh|discuss|estimate|flaw|ethical|risks?|convince|negotiate|recommendation|complexity"
    r"|warum|erklär\w*|begründe\w*|nachteile|pourquoi|expli(?:que|car?)\w*|por qué|ventajas|avantages)\b",
    re.IGNORECASE,
)
_COMPARING = re.compile(
    r"\b(?:compare[sd]?|comparison|difference|versus|vs|better|cheap(?:er|est)|rather than|instead of|or|which of"
    r"|vergleich\w*|unterschied|comparer?|différence|diferencia)\b",
    re.IGNORECASE,
)
_MAKING = re.compile(
    r"^(?:please |can you |could you )*(?:write|draft|design|plan|create|compose|rewrite|refactor|outline|suggest"
    r"|devise|develop|work out|draw up|summari[sz]e|give me a (?:critical|thorough)|schreib\w*|entwirf|écris"
    r"|escribe)\b",
    re.IGNORECASE,
)
_OPEN = re.compile(
    r"^(?:why|how (?:would|could|should|can i tell|do i tell|does .+ affect)|what (?:would|should|could|makes|are the)"
    r"|should i|is it (?:better|worth|ethical)|which .+ should|warum|pourquoi|por qué|cuáles son)\b",
    re.IGNORECASE,
)
_FACT = re.compile(
    r"^(?:who|when|where|which|what (?:is|does|was|year|colou?r|language)|how (?:many|much|tall|far|long|old|often)|is"
    r"|are|does|do|can|define|spell|translate|name|list|convert|wer|wann|wo|was ist|welche\w*|qui|où|quand|cuál es"
    r"|quién|dónde|wie (?:viel|viele|alt|hoch))\b",
    re.IGNORECASE,
)
_DEPTH = re.compile(
    r"\b(?:in (?:more |greater )?(?:detail|depth)|more detail|in-depth|thorough(?:ly)?|elaborate|deeper|step by step"
    r"|think (?:carefully|hard)|walk me through|ausführlich|genauer|en détail|étape par étape|en detalle"
    r"|paso a paso)\b",
    re.IGNORECASE,
)
_SUPPOSING = re.compile(
    r"\b(?:if|suppose|imagine|assume|given that|unless|wenn|falls|imagina|supposons)\b", re.IGNORECASE
)
_JOINTS = re.compile(r"[,;:]|\b(?:and|but|so that|without|while|although|und|aber|et|mais|y|pero)\b", re.IGNORECASE)
_FOLLOWS = re.compile(r"^(?:and|what about|how about|und|et)\b|\b(?:that|it|this|those|one|second)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Choice:
    """The rung to begin with, and why, in words that a person can read; `score` is P(strong)."""

    rung: Rung
    why: str
    score: float


@dataclass(frozen=True, slots=True)
class Labelled:
    """A question with the rung that should answer it."""

    rung: Rung
    confidence: float
    question: str


@dataclass(frozen=True, slots=True)
class Report:
    """How a router did on labelled questions: counts, and the cost beside asking the strong model for all."""

    count: int
    right: int
    too_weak: int
    """Hard questions that were given to the small model or to a canned line."""
    too_strong: int
    """Easy questions that were given to the strong model."""
    small_share: float
    """Of the questions that reached a model, those that the small one got."""
    cost: float
    """What the models cost, as a share of asking the strong one everything."""


@dataclass(frozen=True, slots=True)
class Weights:
    """One weight for each feature, and the score from which on the strong model is asked."""

    bias: float
    features: dict[str, float]
    threshold: float

    @classmethod
    def of_file(cls, path: Path = WEIGHTS) -> "Weights":
        """Read what `save` wrote. Raises `OSError` or `ValueError`."""
        data = json.loads(path.read_text("utf-8"))
        try:
            features = {str(name): float(value) for name, value in data["features"].items()}
            return cls(float(data["bias"]), features, float(data["threshold"]))
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"{path.name} holds no weights of a router") from error

    def save(self, path: Path) -> None:
        """Write the weights as JSON."""
        rounded = {name: round(value, 4) for name, value in self.features.items()}
        data = {"bias": round(self.bias, 4), "threshold": round(self.threshold, 4), "features": rounded}
        path.write_text(json.dumps(data, indent=2) + "\n", "utf-8")


def features(question: str, confidence: float = 0.0, *, in_depth: bool = False) -> dict[str, float]:
    """What the router looks at, each about 0 to 1. *confidence* is that of the best passage found."""
    text = without_greeting(question[:2_000])
    count = len(words(text))
    numbers = len(re.findall(r"\d+", text))
    return {
        "length": min(count, 30) / 15,
        "joints": min(len(_JOINTS.findall(text)), 4) / 2,
        "asks for reasons": min(len(_REASONING.findall(text)), 2) / 2,
        "compares": float(bool(_COMPARING.search(text))),
        "wants something made": float(bool(_MAKING.search(text))),
        "an open question": float(bool(_OPEN.search(text))),
        "a question of fact": float(bool(_FACT.search(text)) and count < 14),
        "supposes something": float(bool(_SUPPOSING.search(text))),
        "numbers to reckon with": float(numbers > 1),
        "more depth wanted": float(in_depth or bool(_DEPTH.search(text))),
        "follows up": float(bool(_FOLLOWS.search(text)) and count < 10),
        "found in the documents": min(1.0, max(0.0, confidence)),
    }


class Router:
    """Chooses by *weights*; the built-in ones unless others were calibrated."""

    def __init__(self, weights: Weights | None = None) -> None:
        self._weights = weights or built_in()

    def choose(self, question: str, confidence: float = 0.0, *, in_depth: bool = False) -> Choice:
        """The rung for *question*. Takes well under a millisecond."""
        if not in_depth and (is_small_talk(question) or is_skill(question)):
            return Choice("canned", "small talk, or what needs no model", 0.0)
        seen = features(question, confidence, in_depth=in_depth)
        parts = {name: self._weights.features.get(name, 0.0) * value for name, value in seen.items()}
        score = _logistic(self._weights.bias + sum(parts.values()))
        strong = in_depth or score >= self._weights.threshold
        telling = sorted(
            (name for name in parts if (parts[name] > 0) == strong and parts[name]), key=lambda n: -abs(parts[n])
        )
        why = ", ".join(telling[:2]) or ("many small signs" if strong else "nothing hard about it")
        return Choice("strong" if strong else "small", why, score)


@cache
def built_in() -> Weights:
    """The weights that come along."""
    return Weights.of_file()


def read_labelled(text: str) -> list[Labelled]:
    """Questions from lines of rung, confidence and question, separated by tabs. Raises `ValueError`."""
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        rung, confidence, question = [*line.split("\t", 2), "", ""][:3]
        if rung not in RUNGS or not question.strip():
            raise ValueError(f"line {number}: expected canned, small or strong, a tab, a confidence, a tab, a question")
        try:
            found.append(Labelled(rung, float(confidence), question))
        except ValueError:
            raise ValueError(f"line {number}: the confidence is a number from 0 to 1") from None
    return found


def calibrate(examples: Sequence[Labelled], miss_cost: float = MISS_COST, rounds: int = 400) -> Weights:
    """Weights that fit *examples*: logistic regression, then the threshold at the lowest cost of mistakes."""
    models = [one for one in examples if one.rung != "canned"]
    if len({one.rung for one in models}) < 2:
        raise ValueError("calibration needs questions for the small and for the strong model")
    rows = [features(one.question, one.confidence) for one in models]
    wanted = [float(one.rung == "strong") for one in models]
    names = list(rows[0])
    weights, bias = dict.fromkeys(names, 0.0), 0.0
    for _ in range(rounds):  # plain gradient descent: a few hundred short rows take a tenth of a second
        slopes, lean = dict.fromkeys(names, 0.0), 0.0
        for row, want in zip(rows, wanted, strict=True):
            miss = _logistic(bias + sum(weights[name] * row[name] for name in names)) - want
            lean += miss
            for name in names:
                slopes[name] += miss * row[name]
        bias -= 2.0 * lean / len(rows)
        for name in names:
            weights[name] -= 2.0 * (slopes[name] / len(rows) + 0.002 * weights[name])
    scores = [_logistic(bias + sum(weights[name] * row[name] for name in names)) for row in rows]

    def price(threshold: float) -> float:
        pairs = list(zip(scores, wanted, strict=True))
        missed = sum(want and score < threshold for score, want in pairs)
        wasted = sum(not want and score >= threshold for score, want in pairs)
        return miss_cost * missed + wasted

    steps = [step / 100 for step in range(5, 96)]
    lowest = min(map(price, steps))
    best = [step for step in steps if price(step) == lowest]
    return Weights(bias, weights, best[len(best) // 2])


def evaluate(router: Router, examples: Sequence[Labelled], small_price: float = 0.3) -> Report:
    """How *router* does on *examples*; *small_price* is the small model's beside the strong one's."""
    chosen = [router.choose(one.question, one.confidence).rung for one in examples]
    order = {rung: level for level, rung in enumerate(RUNGS)}
    pairs = [(order[rung], order[one.rung]) for rung, one in zip(chosen, examples, strict=True)]
    asked = [rung for rung in chosen if rung != "canned"]
    small = asked.count("small")
    spent = small * small_price + (len(asked) - small)
    return Report(
        count=len(pairs),
        right=sum(got == want for got, want in pairs),
        too_weak=sum(got < want for got, want in pairs),
        too_strong=sum(got > want for got, want in pairs),
        small_share=small / max(1, len(asked)),
        cost=spent / max(1, len(pairs)),
    )


def _logistic(value: float) -> float:
    return 1 / (1 + math.exp(-max(-60.0, min(60.0, value))))
