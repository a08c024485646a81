"""Emotion tags that the model writes itself, "[joy] That worked!": heard by the face, never spoken.

A tag costs two or three tokens and no time. It is one word in square or angle brackets, with nothing else inside but
an optional weight: `[joy]`, `<sadness>`, `[surprise:0.6]`, `</joy>`.
"""

import re
from dataclasses import dataclass

from backend.feeling import LABELS, Emotion, Label

# What models write in place of the seven words they were asked for.
ALIASES: dict[str, Label] = {
    **{label: label for label in LABELS},
    **dict.fromkeys(("happy", "happiness", "excited", "excitement", "love", "amusement", "amused", "gratitude"), "joy"),
    **dict.fromkeys(("sad", "sorry", "concern", "concerned", "empathy", "sympathy", "disappointed"), "sadness"),
    **dict.fromkeys(("angry", "annoyed", "annoyance"), "anger"),
    **dict.fromkeys(("afraid", "scared", "worried", "anxious", "nervous", "fearful"), "fear"),
    **dict.fromkeys(("disgusted",), "disgust"),
    **dict.fromkeys(("surprised", "curious", "curiosity", "amazed", "confused", "confusion"), "surprise"),
    **dict.fromkeys(("calm", "serious", "thoughtful", "none"), "neutral"),
}

_WORDS = "|".join(sorted(ALIASES, key=len, reverse=True))
_TAG = re.compile(rf"[\[<]/?(?P<word>{_WORDS})(?::[\d.]{{1,5}})?[\]>]", re.IGNORECASE)
_OPENED = re.compile(r"[\[<]/?(?P<word>[a-z]*)(?P<weight>:[\d.]{0,5})?", re.IGNORECASE)
_OPENERS = re.compile(r"[\[<]")


@dataclass(frozen=True, slots=True)
class Tag:
    """The model says that what follows, up to the end of its sentence, carries *label*."""

    label: Label


class TagFilter:
    """Takes the stream's tokens, gives back the words without tags, and the tags in their places.

    Words pass at once; only what may yet turn out to be a tag, some twenty characters at most, waits for more. Where
    a tag stood there is one space at most, and never nothing between two words: so what is left on both sides of a
    tag can't form a new one.
    """

    def __init__(self) -> None:
        self._held = ""
        self._at_space = True  # at the start, or right after a space that was let through
        self._after_tag = False

    def feed(self, token: str) -> list[str | Tag]:
        """What of *token*, and of what was held before it, is decided now."""
        text, self._held = self._held + token, ""
        out: list[str | Tag] = []
        while opener := _OPENERS.search(text):
            self._say(out, text[: opener.start()])
            text = text[opener.start() :]
            if tag := _TAG.match(text):
                if not text.startswith("/", 1):
                    out.append(Tag(ALIASES[tag["word"].lower()]))
                self._after_tag = True
                text = text[tag.end() :]
            elif _may_become_tag(text):
                self._held = text
                return out
            else:
                self._say(out, text[0])
                text = text[1:]
        self._say(out, text)
        return out

    def finish(self) -> list[str | Tag]:
        """The stream has ended. The beginning of a tag that was cut off is not spoken either."""
        self._held = ""
        return []

    def _say(self, out: list[str | Tag], text: str) -> None:
        if self._after_tag and text:
            text = text.lstrip()
            if not text:
                return
            self._after_tag = False
            if not self._at_space:
                text = f" {text}"
        if text:
            self._at_space = text[-1].isspace()
            if out and isinstance(last := out[-1], str):
                out[-1] = last + text
            else:
                out.append(text)


def _may_become_tag(text: str) -> bool:
    """Whether *text*, which begins with a bracket, is the beginning of a tag and nothing else."""
    opened = _OPENED.fullmatch(text)
    if not opened:
        return False
    word = opened["word"].lower()
    if opened["weight"] is not None:
        return word in ALIASES
    return any(alias.startswith(word) for alias in ALIASES)


# How far the model's tag is believed: it is taken to name the true label this often. Not measured, for want of a
# model on hand; with the other six sharing the rest, a tag is worth 14 to 1.
TAG_TRUST = 0.7


def settle(tag: Label | None, read: Emotion) -> Emotion:
    """The emotion of a sentence that the model tagged with *tag* and the classifier read as *read*.

    The two are independent witnesses: the model knows what it means, the classifier sees only the words. Their
    evidence is multiplied (Bayes), so the tag decides, unless the words are plain enough to outweigh 14 to 1.
    """
    if tag is None:
        return read
    doubt = (1 - TAG_TRUST) / (len(LABELS) - 1)
    prior = 1 / len(LABELS)
    weighed = {label: read.scores.get(label, prior) * (TAG_TRUST if label == tag else doubt) for label in LABELS}
    total = sum(weighed.values())
    if total <= 0:
        return Emotion(tag, TAG_TRUST, {})
    scores = {label: weight / total for label, weight in weighed.items()}
    best = max(LABELS, key=scores.__getitem__)
    return Emotion(best, scores[best], scores)
