"""Cuts a stream of tokens into stretches that can be spoken.

A voice needs whole clauses; a listener needs the first sound soon. So the first stretch is short (an early
clause), and those after it are whole sentences, in larger groups while enough sound is already queued. All
is decided character by character, when the first character *after* a mark is known, so the cuts never depend
on how the model happened to split its tokens.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from backend.words import word_set

End = Literal["clause", "sentence", "paragraph"]

FIRST_LETTERS = 10
"""A first clause may end at a clause mark after this many letters (about 0.6 s of speech)."""
EARLY_LETTERS = 20
"""After a first sentence shorter than this ("Sure!" is over too soon), the next may be cut at a clause mark."""
FIRST_WORDS = 6
"""Without any mark, the first clause ends at a word border after this many words ..."""
FIRST_WORDS_MOST = 9
"""... or up to this many, rather than on an article or a preposition."""
LIMIT = 250
"""The longest stretch, in Latin letters: about 15 s of speech."""
UNBROKEN_LIMIT = 600
"""A single word (a URL) may be this long before it is cut by force."""
FENCE_LIMIT = 2_000
"""A code fence longer than this comes in several pieces."""
GROUPS = ((8.0, 200), (4.0, 120))
"""With at least this many seconds of sound queued, sentences are gathered up to this many letters."""
WIDE_WEIGHT = 3
"""A Han, kana or Hangul character lasts about as long in speech as three Latin letters."""

_SPACED_ENDS = frozenset(".!?…؟۔।॥։።")  # count when white space follows
_WIDE_ENDS = frozenset("。！？｡．")  # count at once: these scripts put no space there
_SPACED_MARKS = frozenset(",;:–—،؛")
_WIDE_MARKS = frozenset("，、；：")
_CLOSERS = "\"'”’)]}»」』）】》*_"
_OPENERS = "\"'“‘([{«*_-¿¡"

_WIDE = re.compile(r"[\u1100-\u11ff\u2e80-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef]")
_LAST_WORD = re.compile(r"\S+$")
_INITIALS = re.compile(r"(?:[^\W\d_]\.){2,}$")  # U.S., e.g., z.B.
_LIST_MARK = re.compile(r"[(\[*_-]*(?:\d{1,3}|[A-Za-z])\.$")

_TITLES = word_set("mr mrs ms dr prof st sr jr gen col capt sgt lt rev hon messrs mme mlle hr fr sra")
_SHORT_FORMS = _TITLES | word_set(
    "vs approx dept est fig figs eq sec vol ch pp ed eds inc ltd co corp ave blvd rd mt ft cf al ca resp "
    "max min jan feb mar apr jun jul aug sep sept oct nov dec tel ext bzw usw ggf evtl vgl nr str abs art "
    "bspw inkl zzgl env av bd pág núm ej ud uds"
)
_BEFORE_NUMBERS = word_set("no nos nr art p pp fig figs eq vol ch sec núm pág n")
_MAY_END = word_set("etc a.m p.m usw")
_ORDINAL_DOT = word_set("de da nb nn no fi cs sk hu et lv pl hr sl tr is")

_FUNCTION_WORDS = word_set(
    "a an the of to in on at by for with from and or but as is are was were be that this these those my "
    "your his her its our their very into than which who not no if so der die das ein eine einen den dem "
    "des von zu mit und oder im am le la les un une des de du et ou à el los las y o en con por para il lo "
    "gli e di da che i o os as um uma em não no na do"
)
"""Words that a break in speech should not follow."""


@dataclass(frozen=True, slots=True)
class Clause:
    """A stretch of the answer, verbatim and stripped.

    `after` is a space where white space followed, so that `"".join(c.text + c.after for c in ...)` gives the
    text back. `code` marks (a piece of) a fenced code block, which nobody wants to hear.
    """

    text: str
    end: End
    after: str = " "
    code: bool = False


class Clauses:
    """One answer's cutter: `feed` every token, then `flush`. Holds at most a few hundred characters."""

    def __init__(self, language: str = "en-US") -> None:
        self._ordinal_dot = language.split("-", 1)[0].lower() in _ORDINAL_DOT
        self._first = True
        self._early = True
        self._enough = 0.0
        self._in_fence = False
        self._clear()

    def feed(self, text: str, queued_seconds: float = 0.0, *, eager: bool = False) -> list[Clause]:
        """Take the next *text* and return what is ready; *queued_seconds* of sound wait to be played.

        *eager*: a first clause that ends in a letter and a comma is not kept until the next token proves that
        nothing else belongs to it; that is a token's time sooner, and `after` is then a guess.
        """
        self._enough = queued_seconds
        ready = list(self._release())
        for character in text:
            ready.extend(self._push(character))
        if eager and self._first and self._surely_over():
            ready.append(Clause(self._text.strip(), "clause" if self._text[-1] in ",;" else "sentence"))
            self._clear()
            self._first = False
        return ready

    def _surely_over(self) -> bool:
        text = self._text
        return (
            self._weight >= FIRST_LETTERS
            and not (self._in_fence or self._in_tick or self._gap)
            and text[-1:] in (",", ";", "!", "?")
            and text[-2:-1].isalpha()
            and "://" not in text
        )

    def flush(self) -> list[Clause]:
        """The answer is over: return the rest."""
        text, code = self._text.strip(), self._in_fence
        self._clear()
        self._in_fence = False
        self._first = self._early = True
        return [Clause(text, "paragraph", " ", code)] if text else []

    def _clear(self) -> None:
        self._text = ""
        self._gap = ""
        self._weight = 0
        self._words = 0
        self._speakable = False
        self._in_tick = False
        self._held = 0  # where the last whole sentence of a growing group ends
        self._soft = 0  # where the last clause mark stands
        self._space = 0  # where the last word border stands
        self._sentence = 0  # where the current sentence began
        self._line = 0  # where the current line began

    # One character at a time

    def _push(self, character: str) -> Iterator[Clause]:
        if self._in_fence:
            yield from self._push_code(character)
            return
        if character.isspace():
            if not self._text:
                return
            self._gap += " " if character not in "\n\u2029" else "\n"
            if character == "\n" and self._gap.count("\n") == 2 and self._speakable:
                yield self._cut("paragraph")
            elif len(self._gap) > 8:
                self._gap = "\n" if "\n" in self._gap else " "
            return
        if self._text:
            yield from self._border(character)
        self._add(character)
        if self._text[self._line :] in ("```", "~~~"):
            yield from self._open_fence()
        elif self._weight > LIMIT:
            yield from self._shorten()

    def _add(self, character: str) -> None:
        if self._gap:
            newline = "\n" in self._gap
            self._space = len(self._text)
            self._text += "\n" if newline else " "
            self._weight += 1
            self._gap = ""
            if newline:
                self._line = len(self._text)
                self._in_tick = False
        starts_word = character.isalnum() and (not self._text or self._text[-1].isspace())
        self._words += starts_word
        self._weight += WIDE_WEIGHT if _WIDE.match(character) else 1
        self._speakable = self._speakable or character.isalnum()
        self._text += character
        if character == "`":
            self._in_tick = not self._in_tick

    # Borders

    def _border(self, following: str) -> Iterator[Clause]:
        """Decide what stands between the text so far and *following*, and cut there if it is time."""
        kind = self._kind(following)
        if kind is None or not self._speakable:
            return
        if kind == "clause":
            self._soft = len(self._text)
            if self._early and self._weight >= FIRST_LETTERS:
                yield self._cut("clause")
            return
        if kind == "word":
            if self._first and self._may_break():
                yield self._cut("clause")
            return
        if self._weight >= self._group():
            yield self._cut("sentence")
        else:
            self._held = self._soft = len(self._text)
            self._sentence = self._held + len(self._gap)

    def _kind(self, following: str) -> Literal["sentence", "clause", "word"] | None:
        if "\n" in self._gap:
            return "sentence"
        if self._in_tick:
            return None
        bare = self._text.rstrip(_CLOSERS)
        mark = bare[-1:]
        if not self._gap:
            return self._kind_unspaced(mark, following, closed=len(bare) < len(self._text))
        if mark in _WIDE_ENDS or (mark in _SPACED_ENDS and self._ends_sentence(bare, following)):
            return "sentence"
        if mark in _WIDE_MARKS or (mark in _SPACED_MARKS and not bare[-2:-1].isdigit()) or mark == "…":
            return "clause"
        return "word"

    def _kind_unspaced(self, mark: str, following: str, *, closed: bool) -> Literal["sentence", "clause"] | None:
        if following in _CLOSERS or following in _WIDE_ENDS or following in _WIDE_MARKS:
            return None
        word = _LAST_WORD.search(self._text)
        if word and ("://" in word[0] or word[0].startswith("www.")):
            return None
        if mark in _WIDE_ENDS:
            return "sentence"
        if mark in _WIDE_MARKS:
            return None if self._text[-2:-1].isdigit() and following.isdigit() else "clause"
        if mark == "—" and not closed and following.isalpha() and self._text[-2:-1].isalpha():
            return "clause"
        return None

    def _ends_sentence(self, bare: str, following: str) -> bool:
        goes_on = following.lstrip(_OPENERS).islower()
        mark = bare[-1]
        if mark in "!?":
            quoted = len(bare) < len(self._text)
            return not (quoted and goes_on)
        if mark == "…" or bare.endswith(".."):
            return not goes_on and following not in ",;:"
        if mark != ".":
            return True
        if _LIST_MARK.fullmatch(bare[self._sentence :].strip()):
            return False
        return self._full_stop(bare, following, goes_on)

    def _full_stop(self, bare: str, following: str, goes_on: bool) -> bool:
        found = _LAST_WORD.search(bare)
        word = (found[0] if found else "").lstrip(_OPENERS).removesuffix(".")
        low = word.lower()
        if low in _BEFORE_NUMBERS and following.isdigit():
            return False
        if low in _MAY_END:
            return not goes_on and not following.isdigit()
        if _INITIALS.search(bare) or low in _SHORT_FORMS:
            return False
        if len(word) == 1 and word.isalpha() and word != "I":
            return False
        if word.isdigit() and (goes_on or (self._ordinal_dot and len(word) < 3)):
            return False
        return not goes_on or (len(word) >= 4 and word.islower())

    def _may_break(self) -> bool:
        if self._words < FIRST_WORDS:
            return False
        last = self._text.rsplit(None, 1)[-1].lower()
        open_bracket = self._text.count("(") > self._text.count(")")
        return self._words >= FIRST_WORDS_MOST or not (last in _FUNCTION_WORDS or open_bracket)

    # Cutting

    def _group(self) -> int:
        if self._first:
            return 0
        return next((letters for seconds, letters in GROUPS if self._enough >= seconds), 0)

    def _release(self) -> Iterator[Clause]:
        """Let a held group go once the queue has run low."""
        if self._held and not self._in_fence and self._weight >= self._group():
            yield from self._cut_at(self._held, "sentence")

    def _cut(self, end: End) -> Clause:
        clause = Clause(self._text.strip(), end, " " if self._gap else "")
        self._early = self._first and end == "sentence" and self._weight < EARLY_LETTERS
        self._clear()
        self._first = False
        return clause

    def _cut_at(self, index: int, end: End) -> Iterator[Clause]:
        rest = self._text[index:] + self._gap
        yield Clause(self._text[:index].strip(), end, " " if rest[:1].isspace() else "")
        self._early = False
        self._clear()
        self._first = False
        for character in rest:
            yield from self._push(character)

    def _shorten(self) -> Iterator[Clause]:
        if self._held:
            yield from self._cut_at(self._held, "sentence")
        elif self._soft > len(self._text) // 2:
            yield from self._cut_at(self._soft, "clause")
        elif self._space:
            yield from self._cut_at(self._space, "clause")
        elif self._weight > UNBROKEN_LIMIT:
            yield self._cut("clause")

    # Code

    def _open_fence(self) -> Iterator[Clause]:
        before, mark = self._text[: self._line], self._text[self._line :]
        if before.strip():
            yield Clause(before.strip(), "paragraph")
        self._clear()
        self._first = False
        self._in_fence = True
        self._text = mark

    def _push_code(self, character: str) -> Iterator[Clause]:
        if character == "\n":
            line = self._text[self._line :].strip()
            closes = self._line > 0 and len(line) >= 3 and not line.strip("`~")
            if closes or len(self._text) > FENCE_LIMIT:
                yield Clause(self._text.strip(), "paragraph", " ", code=True)
                self._clear()
                self._in_fence = not closes
                if not closes:
                    self._text, self._line = "\n", 1
                return
            self._line = len(self._text) + 1
        self._text += character
        if len(self._text) > 2 * FENCE_LIMIT:
            yield Clause(self._text.strip(), "paragraph", "", code=True)
            self._clear()
