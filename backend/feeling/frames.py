"""Sentences made by rule for training: feelings named outright, by degrees and denied; plain questions; emoji.

GoEmotions is talk on Reddit. It holds too few denials to learn "not happy" from, and most of its questions are
puzzled ones, counted as surprise, while an assistant is asked for facts all day.
"""

from collections.abc import Iterator
from itertools import product

from backend.feeling import LABELS, Label

_NAMED: dict[Label, tuple[str, ...]] = {
    "joy": (
        *("happy", "glad", "pleased", "delighted", "excited", "proud", "thrilled", "grateful", "satisfied"),
        *("content", "amused", "relieved"),
    ),
    "sadness": ("sad", "unhappy", "disappointed", "lonely", "heartbroken", "depressed", "miserable", "upset"),
    "anger": ("angry", "furious", "annoyed", "irritated", "outraged", "frustrated", "offended"),
    "fear": ("afraid", "worried", "nervous", "anxious", "frightened", "terrified", "panicking"),
    "disgust": ("disgusted", "revolted", "repulsed", "grossed out"),
    "surprise": ("surprised", "amazed", "astonished", "shocked", "stunned"),
}
_SUBJECTS = ("I'm", "I am", "we are", "she is", "he was", "I feel")
_DEGREES = ("", "very ", "so ", "really ", "a bit ")
_DENIALS = (
    *(("I'm not", ""), ("I am not", "at all"), ("she is not", ""), ("I don't feel", "any more"), ("we aren't", "")),
    *(("he wasn't", ""), ("I was never", "of it"), ("don't be", ""), ("they are not", "about it")),
)

# Praise denied is a disappointment; blame denied is faint praise.
_PRAISE = ("good", "great", "nice", "helpful", "fun", "right", "pleasant", "useful", "beautiful", "impressive")
_BLAME = ("bad", "terrible", "awful", "horrible", "half bad", "too bad", "wrong")
_THINGS = ("it's", "that's", "this is", "it was", "the result is", "the food was")
_LIKING = ("like", "love", "enjoy", "appreciate")
_LIKED = ("it", "this", "that answer", "the new version", "my job")

_ACTS = (
    *("export", "print", "delete", "change", "open", "install", "cancel", "copy", "share", "book", "renew", "find"),
    *("update", "calculate", "connect", "translate", "repair", "measure", "order", "test"),
)
_OBJECTS = (
    *(
        "the table",
        "my account",
        "this file",
        "the second report",
        "a ticket",
        "the price",
        "the contract",
        "a meeting",
    ),
    *("the printer", "the address", "this setting", "the battery", "my calendar", "the weight of it"),
)
_ASKING_TO_ACT = (
    *("How do I {} {}?", "Can you {} {}?", "Where can I {} {}?", "Do I have to {} {}?", "What do I need to {} {}?"),
    *("Could you tell me how to {} {}?", "Should I {} {} first?", "Please {} {}.", "You can {} {} here."),
)
_ASKING_FOR = (
    *("What is {}?", "Where is {}?", "Which page explains {}?", "When was {} updated?", "Who is responsible for {}?"),
    *("What's on {}?", "Do you mean {}?", "How big is {}?", "How long does {} last?", "What does it say about {}?"),
    *("Is there a list for {}?", "How much is {}?", "What is the number of {}?", "Which one is {}?", "Why is {} blue?"),
)

_EMOJI: dict[Label, str] = {
    "joy": "😀😃😄😁😆😊🙂😍🥰😘🤗🎉👍❤💕🙏😂🤣😎🥳",
    "sadness": "😢😭😞😔🙁☹😟💔😥😿",
    "anger": "😠😡🤬👿😤🖕",
    "fear": "😨😰😱😧🫣",
    "disgust": "🤢🤮😖💩",
    "surprise": "😮😲😯🤯😳",
    "neutral": "😐🤖",
}
_SETTINGS = ("{}", "{0}{0}", "{0}{0}{0}", "It's here {}", "I saw it {}", "ok {}")


def _sentences() -> Iterator[tuple[str, Label]]:
    for label, words in _NAMED.items():
        for subject, degree, word in product(_SUBJECTS, _DEGREES, words):
            yield f"{subject} {degree}{word}.", label
        denied: Label = "sadness" if label == "joy" else "neutral"
        for (subject, rest), degree, word in product(_DENIALS, ("", "very "), words):
            yield f"{subject} {degree}{word} {rest}".strip() + ".", denied
    for thing, degree, word in product(_THINGS, ("", "very ", "that "), _PRAISE):
        yield f"{thing} not {degree}{word}.", "sadness"
    for thing, word in product((*_THINGS, ""), _BLAME):
        yield f"{thing} not {word}".strip() + ".", "joy"
    for subject, word, what in product(("I don't", "I didn't", "we do not", "I never"), _LIKING, _LIKED):
        yield f"{subject} {word} {what}.", "sadness"
    for asking, act, what in product(_ASKING_TO_ACT, _ACTS, _OBJECTS):
        yield asking.format(act, what), "neutral"
    for asking, what in product(_ASKING_FOR, _OBJECTS):
        yield asking.format(what), "neutral"
    for label, marks in _EMOJI.items():
        for setting, emoji in product(_SETTINGS, marks):
            yield setting.format(emoji), label


def frames() -> tuple[list[str], list[tuple[int, ...]]]:
    """All of them, with the index of each one's label."""
    texts: list[str] = []
    labels: list[tuple[int, ...]] = []
    for text, label in _sentences():
        texts.append(text)
        labels.append((LABELS.index(label),))
    return texts, labels
