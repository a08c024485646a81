"""What people ask, how often and when: the written traffic model of the simulation.

An intent is what somebody wants to know; its wordings are the ways in which people ask for it. Few intents make up
most of the questions (Zipf). Among them are many that differ in one small word only (open and close, 5 and 50),
as they do in real documentation: whoever answers from a cache has to tell them apart.
"""

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Kind = Literal["talk", "question", "reasoning", "follow-up"]
DAY = 86_400.0


@dataclass(frozen=True, slots=True)
class Profile:
    """One kind of use. Shares are parts of all turns after the first; `zipf` is the exponent of the repetition."""

    name: str
    about: str
    conversations: int
    """A day, on average."""
    turns: tuple[int, int]
    intents: int
    zipf: float
    talk: float
    reasoning: float
    follow_up: float
    spoken: float
    peaks: tuple[tuple[float, float], ...]
    """(hour, weight) of the day's peaks, each about two hours wide."""
    weekend: float
    """Traffic of a weekend day beside that of a weekday."""


PROFILES = {
    profile.name: profile
    for profile in (
        Profile("support", "Customers of a product, by text and voice", 60, (2, 6), 300, 1.05, 0.14, 0.08, 0.12, 0.4,
                ((10, 1.0), (15, 1.2), (20, 0.5)), 0.5),
        Profile("kiosk", "Visitors at a counter or in a museum, by voice", 80, (1, 4), 60, 1.2, 0.3, 0.01, 0.05, 0.95,
                ((11, 0.8), (14, 1.4)), 1.6),
        Profile("internal", "Colleagues with their own documents and harder questions", 30, (2, 8), 900, 0.8, 0.08,
                0.25, 0.25, 0.2, ((9, 1.0), (14, 1.0)), 0.05),
    )
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Turn:
    """One thing that somebody says. `intent` is what they mean, the same for every wording of it; -1 for small talk
    and follow-ups. `at` is in seconds of the month, `seconds` how long they speak (0 if typed), `silence` around it."""

    conversation: int
    at: float
    kind: Kind
    intent: int
    text: str
    seconds: float
    silence: float


_VERBS = (
    "open", "close", "enable", "disable", "add", "remove", "lock", "unlock", "connect", "disconnect", "export",
    "import", "start", "stop", "rename", "share", "archive", "restore", "print", "reset",
)  # fmt: skip
_THINGS = (
    "account", "project folder", "monthly report", "shared calendar", "customer record", "backup", "printer",
    "mobile app", "dashboard", "invoice template", "contact list", "team workspace", "price list", "access card",
    "meeting room", "delivery", "subscription", "data table", "mail filter", "license key", "exhibition ticket",
    "audio guide", "locker", "group tour", "payment method", "expense claim", "leave request", "training plan",
    "test environment", "search index", "alarm", "web shop", "newsletter", "job posting", "budget sheet",
    "service desk ticket", "notification", "guest network", "form", "sensor",
)  # fmt: skip
_HOW = (
    "How do I {0}?", "How can I {0}?", "how do i {0}", "How to {0}?", "Can you tell me how to {0}?",
    "What is the best way to {0}?", "Could you please tell me how I can {0}?", "What do I have to do to {0}?",
    "I would like to know how to {0}.", "I want to {0}, what are the steps?", "Please explain how one can {0}",
    "How does one {0}?",
)  # fmt: skip
_COSTS = (
    "How much does the {0} plan for {1} people cost?", "What does the {0} plan for {1} people cost?",
    "What is the price of the {0} plan for {1} people?", "how much is the {0} plan for {1} people",
    "Can you tell me the price of the {0} plan for {1} people?",
)  # fmt: skip
_PLANS, _SEATS = ("basic", "standard", "team", "business"), (2, 5, 10, 20, 50)
_WHY = (
    "Why does the {1} fail when I {0}, and what would you recommend?",
    "Compare two ways to {0}: what are the pros and cons, and which should I choose?",
    "Should I {0} before I change the {1}? Please explain the risks.",
)
_TALK = (
    "Hello", "Hi there!", "Good morning", "Thanks a lot!", "Thank you", "How are you?", "Who are you?", "Goodbye",
    "Bye", "That was helpful, thanks", "What can you do?", "Nice to meet you",
)  # fmt: skip
_FOLLOW = (
    "And how long does that take?", "Why is that?", "What if it does not work?", "Can you explain that again?",
    "And after that?", "Is that the same on the phone?", "Where do I find it?",
)  # fmt: skip


def month(profile: Profile, days: int, seed: int) -> list[Turn]:
    """All turns of *days*, in the order in which they are said."""
    dice = random.Random(f"{profile.name} {seed}")
    topics = _Topics(dice, profile)
    turns: list[Turn] = []
    conversation = 0
    for day in range(days):
        expected = profile.conversations * (profile.weekend if day % 7 in {5, 6} else 1.0)
        for _ in range(_poisson(dice, expected)):
            conversation += 1
            at = day * DAY + _time_of_day(dice, profile)
            turns += _conversation(topics, conversation, at)
    return sorted(turns, key=lambda turn: turn.at)


class _Topics:
    """Which intents are asked for how often."""

    def __init__(self, dice: random.Random, profile: Profile) -> None:
        self.dice = dice
        self.profile = profile
        self._intents = list(range(profile.intents))
        self._weights = [1 / (rank + 1) ** profile.zipf for rank in self._intents]
        # Which intents are popular has nothing to do with which of them look alike.
        dice.shuffle(self._intents)

    def one(self) -> int:
        """An intent."""
        return self.dice.choices(self._intents, self._weights)[0]


def _conversation(topics: _Topics, number: int, at: float) -> Iterator[Turn]:
    dice, profile = topics.dice, topics.profile
    kind: Kind = "talk"
    for index in range(dice.randint(*profile.turns)):
        chance = dice.random()
        before = kind
        kind = "question"
        if chance < profile.talk:
            kind = "talk"
        elif chance < profile.talk + profile.reasoning:
            kind = "reasoning"
        elif chance < profile.talk + profile.reasoning + profile.follow_up and index and before != "talk":
            kind = "follow-up"
        intent = topics.one() if kind in {"question", "reasoning"} else -1
        text = _wording(dice, kind, intent)
        spoken = dice.random() < profile.spoken
        seconds = len(text) / 14 if spoken else 0.0
        yield Turn(number, at, kind, intent, text, seconds, dice.uniform(2, 7) if spoken else 0.0)
        at += dice.uniform(12, 50)


def _wording(dice: random.Random, kind: Kind, intent: int) -> str:
    match kind:
        case "talk":
            return dice.choice(_TALK)
        case "follow-up":
            return dice.choice(_FOLLOW)
        case "reasoning":
            return dice.choice(_WHY).format(_deed(intent), _THINGS[intent * 7 % len(_THINGS)])
    if intent % 8 == 7:
        pair = intent // 8 % (len(_PLANS) * len(_SEATS))
        return dice.choice(_COSTS).format(_PLANS[pair % len(_PLANS)], _SEATS[pair // len(_PLANS)])
    return dice.choice(_HOW).format(_deed(intent))


def meaning(turn: Turn) -> str:
    """What a turn asks, the same for all its wordings: what a right answer has to answer."""
    if turn.kind == "question" and turn.intent % 8 == 7:
        return f"price {turn.intent // 8 % (len(_PLANS) * len(_SEATS))}"
    return f"how {_deed(turn.intent)}" if turn.kind == "question" else f"{turn.kind} {turn.text}"


def _deed(intent: int) -> str:
    verb, thing = _VERBS[intent % len(_VERBS)], _THINGS[intent // len(_VERBS) % len(_THINGS)]
    again = intent // (len(_VERBS) * len(_THINGS))
    return f"{verb} the {thing}" + (f" of department {again}" if again else "")


def _time_of_day(dice: random.Random, profile: Profile) -> float:
    hour, _ = dice.choices(profile.peaks, [weight for _, weight in profile.peaks])[0]
    return min(23.9, max(0.0, dice.gauss(hour, 1.5))) * 3_600


def _poisson(dice: random.Random, mean: float) -> int:
    """Knuth's method, in parts small enough for exp()."""
    count, left = 0, mean
    while left > 0:
        part = min(left, 50.0)
        limit, product = math.exp(-part), dice.random()
        while product > limit:
            count += 1
            product *= dice.random()
        left -= part
    return count
