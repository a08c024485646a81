"""What of a written answer is spoken: prose, without the marks that only the eye needs; and what is shown meanwhile."""

import re
from collections.abc import Callable

from backend.speaking.marks import CITATIONS, IMAGE, TAGS, URL, unescaped, without_controls
from backend.speaking.shown import Shown, is_kept
from backend.speaking.wording import Wording

# Blocks that nobody wants to hear, and what ends them. They may begin in one clause and end in a later one.
_OPENING = re.compile(
    r"^[ \t]*(?P<fence>`{3,}|~{3,})[^`\n]*$|(?P<math>\$\$)|(?P<bracket>\\\[)"
    r"|<(?P<tag>script|style|pre|svg|math|think)\b[^>]*>|(?P<comment><!--)",
    re.MULTILINE | re.IGNORECASE,
)

_BULLET = re.compile(r"^[-*+•‣◦–][ \t]+(?:\[[ xX]\][ \t]+)?")
_NUMBER = re.compile(r"^\(?(\d{1,3}|[a-z])\)[ \t]+")
_ORDINAL = re.compile(r"\d{1,3}\.[ \t]+")
_HEADING = re.compile(r"#{1,6}[ \t]+")
_QUOTE = re.compile(r"^(?:>[ \t]?)+")
_RULE = re.compile(r"[-*_=][-*_= \t]{2,}|[|:][-|: \t]*-[-|: \t]*")
_TABLE = re.compile(r"\|.*\||^\||\|$")
_REFERENCE = re.compile(r"\[[^\]\n]{1,80}\]:[ \t]*\S+.*")
"""A line that defines a link or a footnote."""

# In this order: (pattern, what stands in its place).
_REWRITES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), replacement)
    for pattern, replacement in (
        # Code: of a short one the words, of a long one nothing.
        (r"```[^`\n]*```", " "),
        (r"`+([^`\n]{0,60})`+", r"\1"),
        (r"`", ""),
        # Formulas with signs that have no sound; "$5 and $10" is none.
        (r"\\\([^\n]{0,200}?\\\)", " "),
        (r"\$(?=[^\s$])[^$\n]{0,200}?[\\^_{}=][^$\n]{0,200}?\$(?!\d)", " "),
        # Pictures, links (whole or cut by a clause's border), footnotes and citations.
        (IMAGE, " "),
        *((pattern, "") for pattern in CITATIONS),
        (r"\]\([^)\s]{0,500}(?:[ \t]+\"[^\"\n]{0,200}\")?\)", ""),
        (r"(?<=\w)\]\[[^\]\n]{0,80}\]", ""),
        # Addresses, with the brackets or words of pointing around them.
        (rf"[<(（]\s*{URL}\s*[>)）]", ""),
        (URL, ""),
    )
)

_EMOJI = re.compile(
    "[0-9#*]\ufe0f?\u20e3"
    "|[\U0001f000-\U0001faff\u2600-\u27bf\u2b00-\u2bff\u2300-\u23ff\u25a0-\u25ff\u3030\u303d\u3297\u3299]"
    "[\ufe0f\u200d\U0001f000-\U0001faff\u2600-\u27bf\U000e0020-\U000e007f]*"
)
_EMOTICON = re.compile(r"(?<!\S)[:;=8xX][-o^']?[)(DPp|/\\*3](?!\S)")
_ARROWS = re.compile(r"[ \t]*(?:[\u2190-\u21ff\u27f0-\u27ff]|<?[-=]+>)[ \t]*")

_FINISH: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (r"\\([\\`*_{}\[\]()#+.!|>~$-])", r"\1"),
        # Emphasis, also when its other half is in another clause; "2 * 3" and "~5" stay.
        (r"\*+(?=\S)|(?<=\S)\*+", ""),
        (r"(?<!\w)_+(?=\S)|(?<=\S)_+(?!\w)", ""),
        (r"(?<=\w)_+(?=\w)", " "),
        (r"~~", ""),
        (r"(?<=\w)[\[\]{}](?=\w)", " "),
        (r"[\[\]{}]|(?<!\S)[<>](?=\S)|(?<=\S)[<>](?!\S)", ""),
        (r"\([\s,;.:]*\)", ""),
        (r"\s+\|\s+", ", "),
        (r"\s+-{1,3}\s+", ", "),
        (r"-{2,}", ", "),
        # Keys, hashes, encoded data.
        (r"[!-~]{81,}", ""),
        (r"([!?])[!?]+", r"\1"),
        (r"\.{4,}", "…"),
        (r"\s+", " "),
        # ... but "the file .env" keeps its blank.
        (r" +([,;:!?…]|\.(?!\w))", r"\1"),
        (r"([,;:])(?:[,;:])+", r"\1"),
        (r"[,;:]+([.!?…])", r"\1"),
        (r"([.!?…])\.(?!\.)", r"\1"),
        # A clause begins with a word, a name (".env") or a number (".5").
        (r"^(?:[\s,;:!?…)|]|\.(?!\w)|[–—](?=\s))+", ""),
        (r"[\s(|]+$", ""),
    )
)

_WIDE_END = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]$")


class Cleaner:
    """Cleans one answer, clause by clause.

    It remembers what a clause leaves open: a code fence, a formula, a model's `<think>`.
    """

    def __init__(self) -> None:
        self._until: re.Pattern[str] | None = None

    def feed(self, clause: str, *, ends: bool = True) -> Wording:
        """The words of *clause*; none when there is nothing to be spoken (so nothing must go to a voice).

        *ends* says whether a sentence ends with the clause: then a heading or list item gets its full stop.
        """
        raw = self._outside_blocks(without_controls(clause)).split("\n")
        spoken = _joined(_lines(raw, _words), ends=ends)
        for pattern, replacement in _FINISH:
            spoken = pattern.sub(replacement, spoken)
        if not any(map(str.isalnum, spoken)):
            return Wording("", "")
        shown = Shown()
        return Wording(shown.finish(_joined(_lines(raw, shown.words), ends=ends)) or spoken, spoken)

    def _outside_blocks(self, text: str) -> str:
        parts: list[str] = []
        while text:
            if self._until is not None:
                end = self._until.search(text)
                if end is None:
                    break
                self._until, text = None, text[end.end() :]
            start = _OPENING.search(text)
            if start is None:
                parts.append(text)
                break
            parts.append(text[: start.start()] + "\n")
            self._until, text = _closing(start), text[start.end() :]
        return "".join(parts)


def clean(text: str) -> str:
    """What is spoken of a whole text."""
    return Cleaner().feed(text).spoken


def _closing(opening: re.Match[str]) -> re.Pattern[str]:
    if fence := opening["fence"]:
        return re.compile(rf"^[ \t]*{re.escape(fence)}+[ \t]*$", re.MULTILINE)
    if opening["math"]:
        return re.compile(r"\$\$")
    if opening["bracket"]:
        return re.compile(r"\\\]")
    if opening["comment"]:
        return re.compile(r"-->")
    return re.compile(rf"</{opening['tag']}\s*>", re.IGNORECASE)


def _lines(raw: list[str], words: Callable[[str], str]) -> list[tuple[str, bool]]:
    """What *words* leaves of the lines, each with whether a sentence ends with it, be it written with a stop or not.

    That is so for headings and items, and before an empty line, an item or the rule under a title. The last
    one's end is not known here: it is one if it is a heading or an item.
    """
    found: list[tuple[str, bool]] = []

    def stop() -> None:
        if found:
            found[-1] = (found[-1][0], True)

    for line in map(str.strip, raw):
        bare = _QUOTE.sub("", line, count=1)
        heading = _HEADING.match(bare)
        item = heading or _BULLET.match(bare) or _NUMBER.match(bare) or _ORDINAL.match(bare)
        if not bare or item or _RULE.fullmatch(bare):
            stop()
        if not bare or _RULE.fullmatch(bare) or _REFERENCE.fullmatch(bare) or _TABLE.search(bare):
            continue
        if heading:
            bare = bare[heading.end() :].rstrip("#")
        if kept := words(_BULLET.sub("", bare, count=1)):
            found.append((kept, item is not None))
    return found


def _joined(lines: list[tuple[str, bool]], *, ends: bool) -> str:
    last = len(lines) - 1
    return " ".join(
        _stopped(line) if ended and (ends or index < last) else line for index, (line, ended) in enumerate(lines)
    )


def _words(line: str) -> str:
    """*line* without links, code, tags, emoji."""
    line = _NUMBER.sub(r"\1, ", line, count=1)
    for pattern, replacement in (*_REWRITES, *TAGS):
        line = pattern.sub(replacement, line)
    return _ARROWS.sub(", ", _EMOTICON.sub(" ", _EMOJI.sub(" ", unescaped(line)))).strip()


def _stopped(line: str) -> str:
    bare = line.rstrip("*_~\"'”’)] ")
    if not bare or not (bare[-1].isalnum() or is_kept(bare[-1])):
        return line
    return line + ("。" if _WIDE_END.search(bare) else ".")
