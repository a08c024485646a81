"""Tells small talk from real questions, and what to say to it.

Every stretch of what was said must be small talk as a whole: a pattern never matches inside a longer
question, so "hello" is small talk and "hello world in Python" is not. The lines lie in `smalltalk.toml`.
"""

import re
import tomllib
import unicodedata
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from backend.thinking import Message

LETTERS_MOST = 160
"""Nothing longer is small talk."""

_CONTRACTIONS = (
    (r"\b(?:can't|cant)\b", "cannot"),
    (r"\b(?:won't|wont)\b", "will not"),
    (r"n't\b", " not"),
    (r"\b(?:dont)\b", "do not"),
    (r"\b(?:whats|wats)\b", "what is"),
    (r"\b(?:hows)\b", "how is"),
    (r"\b(?:whos)\b", "who is"),
    (r"\b(?:wheres)\b", "where is"),
    (r"\b(?:im)\b", "i am"),
    (r"\b(?:youre|ur)\b", "you are"),
    (r"\b(?:ive)\b", "i have"),
    (r"\b(?:thats)\b", "that is"),
    (r"\blet's\b", "let us"),
    (r"'m\b", " am"),
    (r"'re\b", " are"),
    (r"'ve\b", " have"),
    (r"'ll\b", " will"),
    (r"\b(i|you|he|she|we|they)'d\b", r"\1 would"),
    (r"\b(what|who|how|where|when|it|that|there|here|everything|name|weather|he|she)'s\b", r"\1 is"),
    (r"\bgonna\b", "going to"),
    (r"\bwanna\b", "want to"),
    (r"\bu\b", "you"),
    (r"\br\b", "are"),
    (r"\b(?:thx|thanx|tnx)\b", "thanks"),
    (r"\bpls\b|\bplz\b", "please"),
    (r"\b(?:visavi|vis[- ][àa][- ]vis|viz a viz)\b", "visavis"),
)
_BREAK = re.compile(r"[.!?,;:…\n]+|\s[-–—]+\s|[。！？，、]+")
_NOISE = re.compile(r"[^\w\s']|_")


@dataclass(frozen=True, slots=True)
class SmallTalk:
    """What kind of small talk was said; `name` is a captured name, where one was."""

    intent: str
    replies: tuple[str, ...]
    name: str = ""


def is_small_talk(text: str) -> bool:
    """Whether *text* asks nothing that documents could answer."""
    return small_talk(text) is not None


@lru_cache(maxsize=512)
def small_talk(text: str) -> SmallTalk | None:
    """The small talk that *text* is; None when any of it is a real question or statement."""
    if len(text) > LETTERS_MOST:
        return None
    found = [_match(segment) for segment in _segments(text)]
    if not found or not all(found):
        return None
    # "Hi! How are you?": what comes last wants the answer, unless it is a mere politeness.
    weighty = [talk for talk in found if talk and talk.intent not in ("greeting", "thanks", "agree")]
    return (weighty or found)[-1]


def without_greeting(text: str) -> str:
    """*text* without a leading greeting or thanks: "Hi there! How do I start?" gives the question alone."""
    rest = text.strip()
    while found := _BREAK.search(rest, 0, LETTERS_MOST):
        head, tail = rest[: found.start()], rest[found.end() :].strip()
        talk = _match(normal(head)) if head.strip() and tail else None
        if talk is None or talk.intent not in ("greeting", "thanks", "agree", "good_morning", "wow"):
            return rest
        rest = tail
    return rest


def reply(talk: SmallTalk, history: Sequence[Message] = (), seed: str = "") -> str:
    """One of *talk*'s replies, not one said before in *history*; always the same for the same turn."""
    said = {message.content for message in history if message.role == "assistant"}
    start = zlib.crc32(seed.encode()) % len(talk.replies)
    turned = talk.replies[start:] + talk.replies[:start]
    lines = [line.replace("{name}", talk.name) for line in turned]
    return next((line for line in lines if line not in said), lines[0])


def every_reply() -> list[str]:
    """All replies that are the same for everybody, for those who render them ahead."""
    return [reply for intent in _lines().intents for reply in intent.replies if "{" not in reply]


def normal(text: str) -> str:
    """*text* in lower case with contractions written out and without marks."""
    low = unicodedata.normalize("NFKC", text).lower().replace("’", "'").replace("`", "'")
    low = re.sub(r"([^\W\d_])\1{2,}", r"\1", low)  # "hellooo"
    for pattern, full in _CONTRACTIONS:
        low = re.sub(pattern, full, low)
    return " ".join(_NOISE.sub(" ", low).replace("'", "").split())


def _segments(text: str) -> list[str]:
    return [segment for segment in map(normal, _BREAK.split(text)) if segment]


@dataclass(frozen=True, slots=True)
class _Intent:
    name: str
    pattern: re.Pattern[str]
    replies: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Lines:
    """`smalltalk.toml`, compiled."""

    lead: re.Pattern[str]
    tail: re.Pattern[str]
    intents: tuple[_Intent, ...]


@cache
def _lines() -> _Lines:
    data = tomllib.loads(Path(__file__).with_name("smalltalk.toml").read_text("utf-8"))

    def any_of(patterns: list[str]) -> str:
        joined = "|".join(patterns)
        for name, opening in data["openings"].items():
            joined = joined.replace(f"{{{name}}}", opening)
        return f"(?:{joined})"

    return _Lines(
        lead=re.compile(rf"{any_of(data['leads'])}\s+(?=\S)"),
        tail=re.compile(rf"(?<=\S)\s+{any_of(data['tails'])}$"),
        intents=tuple(
            _Intent(intent["name"], re.compile(any_of(intent["patterns"])), tuple(intent["replies"]))
            for intent in data["intents"]
        ),
    )


def _match(segment: str) -> SmallTalk | None:
    """The intent of one stretch, trying it also without the words of address around it."""
    lines = _lines()
    for _ in range(5):
        if talk := _exact(segment):
            return talk
        found = lines.lead.match(segment)
        bare = segment[found.end() :] if found else segment
        if found and (talk := _exact(bare)):
            return talk
        shorter = lines.tail.sub("", segment, count=1)
        if shorter == segment:
            shorter = bare
        if shorter == segment:
            return None
        segment = shorter
    return None


def _exact(segment: str) -> SmallTalk | None:
    for intent in _lines().intents:
        if found := intent.pattern.fullmatch(segment):
            captured = found.groupdict().get("name") or ""
            return SmallTalk(intent.name, intent.replies, captured.title())
    return None
