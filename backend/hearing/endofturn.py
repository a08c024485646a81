"""When is a person done? A rule on how complete the words are, how long they have been quiet, and how they speak.

Recognisers give words without punctuation, so completeness is read from the words themselves: what the last ones
demand ("and", "the", "because", "I want to"), and what the whole is (a question, a request, an answer, a statement).
People leave about 200 ms between turns (Levinson & Torreira 2015); a complete question needs hardly more than that,
an open clause deserves patience.

`wait(text)` is the quiet, in seconds, after which the turn is taken. `Pauses` learns the person's own pauses from
those after which they went on.
"""

from dataclasses import dataclass, field
from typing import Literal

from backend.hearing.grammar import Grammar, grammar
from backend.words import words

Completeness = Literal["complete", "statement", "unclear", "open", "trailing"]

WAITS: dict[Completeness, float] = {
    # A question, a request or an answer that lacks nothing.
    "complete": 0.32,
    # Lacks nothing either, but people tell an assistant something in order to ask something.
    "statement": 0.75,
    # Too short, or too unlike a sentence, to tell.
    "unclear": 0.65,
    # The last words demand more.
    "open": 1.4,
    # "um", or a recogniser's "...".
    "trailing": 1.8,
}
"""Seconds of quiet for a person with usual pauses. What other assistants wait, by default: 0.33 to 3 s."""
HELD = 0.2
"""Seconds of quiet behind complete words after which the floor may be taken without an answer: the gap that people
leave (Levinson & Torreira 2015)."""
SHORTEST, LONGEST = 0.25, 2.5
"""Nobody is cut off sooner, nobody waits longer."""
USUAL_PAUSE = 0.5
"""Seconds: nine in ten of the pauses within a turn are shorter (silent pauses in spontaneous speech have a median
around 0.4 s, and those at word searches are longer: Campione & Veronis 2002)."""
LEAST_PAUSE = 0.2
"""A shorter gap between words is articulation, not a pause."""
LONGEST_CONDITION = 6
"""Words after "if" in which no main clause has begun; after more of them it probably has."""
LONGEST_NAME = 7
"""Words, the verb's own included, in which a new thing is named; after more of them it is described as well."""
REMEMBERED = 24
"""Pauses of a person that count; older ones are forgotten."""


def completeness(text: str, language: str = "en-US") -> Completeness:
    """How complete *text* is, as a recogniser wrote it so far.

    >>> completeness("what does it cost"), completeness("what does it cost and")
    ('complete', 'open')
    """
    stripped = text.rstrip()
    said = [word for word in words(stripped) if word]
    if not said or stripped.endswith(("...", "…", "-", "–")):
        return "trailing"
    rules = grammar(language)
    if said[-1] in rules.fillers or " ".join(said[-2:]) in rules.fillers:
        return "trailing"
    if stripped[-1] in ",;:，、" or _demands_more(said, rules):
        return "open"
    if stripped[-1] in "?？؟":
        return "complete"
    last = _last_sentence(stripped, said)
    kind = _kind(last, rules)
    return "statement" if kind == "unclear" and stripped[-1] in ".!。！" else kind


def _last_sentence(text: str, said: list[str]) -> list[str]:
    """The words after the last full stop inside *text*; all of them where a recogniser wrote none."""
    parts = [part for part in text.replace("?", ".").replace("!", ".").split(". ") if part.strip(" .")]
    return words(parts[-1]) if len(parts) > 1 else said


def _demands_more(said: list[str], rules: Grammar) -> bool:
    endings = {" ".join(said[-n:]) for n in (2, 3, 4)}
    last = said[-1]
    if endings & rules.closed or " ".join(said) in rules.answers:
        return False
    if last in rules.openers or endings & rules.openers:
        return True
    if rules.question(said):
        said = rules.bare(said)
        return _lacks_verb(said, rules) or not _may_end_question(said, rules)
    return last in rules.never_last or last in rules.stranded or _open_condition(said, rules)


def _may_end_question(said: list[str], rules: Grammar) -> bool:
    last, before = said[-1], said[-2] if len(said) > 1 else ""
    if last in rules.either:
        return before not in rules.stranded and before not in rules.never_last | rules.questions
    if last in rules.stranded:
        # "What is it for", "where does it come from": asked with a question word, and not right behind a noun phrase
        # of "is there a way to".
        return last in rules.strandable and len(said) >= 4 and _has_pronoun(said, rules)
    return last not in rules.never_last


def _has_pronoun(said: list[str], rules: Grammar) -> bool:
    # "How would I connect it to" asks for the way, and the preposition for its noun.
    asked = [word for word in said if word in rules.strandings]
    return bool(asked) and any(word in rules.subjects and word not in rules.determiners for word in said[1:-1])


def _lacks_verb(said: list[str], rules: Grammar) -> bool:
    """Whether a question stops after its subject: "what does the error", "how can you", "is the index"."""
    for at, word in enumerate(said[:2]):
        if word in rules.auxiliaries or (at == 0 and word in rules.inversions):
            rest = said[at + 1 :]
            article = bool(rest) and rest[0] in rules.determiners
            return len(rest) <= (2 if article else 1 if word in rules.auxiliaries else 0)
    return False


def _open_condition(said: list[str], rules: Grammar) -> bool:
    """Whether it is an "if ..." or "when ..." without what follows from it."""
    said = rules.bare(said)
    if not rules.condition(said):
        return False
    rest = said[1:]
    # A second subject, a question word or an inversion begins the main clause.
    begins = rules.subjects - rules.determiners | rules.questions | rules.inversions
    if len(rest) > LONGEST_CONDITION:
        return False
    return not any(len(rest) - n >= 2 for n, word in enumerate(rest) if n >= 2 and word in begins)


def _kind(said: list[str], rules: Grammar) -> Completeness:
    whole, said = " ".join(said), _main_clause(rules.bare(said), rules)
    if len(said) == 1 and said[0] in rules.questions:
        return "unclear"  # "What?" at times, and the beginning of a question far more often
    if {whole, " ".join(said)} & rules.answers or said[-1] in rules.closers:
        return "complete"
    if rules.question(said):
        return "complete" if len(said) >= rules.shortest_question and not _goes_on(said, rules) else "unclear"
    if rules.request(said):
        return "complete" if len(said) >= 2 and not _goes_on(said, rules) else "unclear"
    if len(said) >= 3 and any(word in rules.subjects for word in said[:3]):
        return "statement"
    return "unclear"


def _goes_on(said: list[str], rules: Grammar) -> bool:
    """Whether a question or request lacks nothing but is mostly followed by what it is about."""
    for n in (2, 3, 4):
        # "Is there a limit", "what happens": on what, when?
        if " ".join(said[:n]) in rules.existentials and len(said) <= n + (said[n - 1] in rules.indefinites):
            return True
    if said[-1] in rules.transitives and said[0] not in rules.questions:
        return True
    new = next((at for at, word in enumerate(said) if word in rules.creators), None)
    if new is None or len(said) - new > LONGEST_NAME or not rules.indefinites.intersection(said[new + 1 : new + 3]):
        return False
    # "To" names who gets it, not what it is about.
    described = (rules.stranded | rules.conditions | rules.questions) - {"to", "an", "à", "a"}
    return not described.intersection(said[new + 3 :])


def _main_clause(said: list[str], rules: Grammar) -> list[str]:
    """What follows from an "if ..."; *said* itself where it begins with none."""
    if not rules.condition(said):
        return said
    begins = (n for n in range(3, len(said)) if rules.question(said[n:]) or rules.request(said[n:]))
    return said[next(begins, 0) :]


@dataclass(slots=True)
class Pauses:
    """The pauses (seconds) after which a person went on, within their turns: how patient to be with them."""

    heard: list[float] = field(default_factory=list)

    def went_on(self, pause: float, *, interrupted: bool = False) -> None:
        """They were quiet for *pause* and went on. *interrupted*: their turn had been taken, which weighs more."""
        if pause >= LEAST_PAUSE:
            self.heard += [min(pause, LONGEST)] * (3 if interrupted else 1)
            del self.heard[:-REMEMBERED]

    def habit(self) -> float:
        """Their longer pauses beside the usual ones, from 0.8 to 1.6; 1 while little is known."""
        known = sorted([*self.heard, *[USUAL_PAUSE] * max(2, 12 - len(self.heard))])
        ninth = known[int(0.9 * (len(known) - 1))]
        return min(1.6, max(0.8, ninth / USUAL_PAUSE))


def hold(text: str, language: str = "en-US") -> float | None:
    """Seconds of quiet after which a listener may make a sound of their own; None where they should wait."""
    return HELD if completeness(text, language) == "complete" else None


def wait(text: str, language: str = "en-US", pauses: Pauses | None = None) -> float:
    """Seconds of quiet after which a turn that reads *text* so far is taken to be over."""
    kind = completeness(text, language)
    habit = pauses.habit() if pauses else 1.0
    if kind == "complete":
        # Where nothing is missing, habit matters less.
        habit = 1 + (habit - 1) / 3
    return min(LONGEST, max(SHORTEST, WAITS[kind] * habit))
