"""What of a written answer is spoken: prose, without the marks that only the eye needs."""

import html
import re
import unicodedata

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

_INSIDE = r"\s<>\"'`\]\[{}|\\^（），。、"
_URL = rf"(?:[a-z][a-z0-9+.-]{{1,15}}://|www\.|mailto:)[^{_INSIDE}]{{0,500}}[^{_INSIDE}.,;:!?()*_]/?"
# The bounds in these patterns keep their time linear, whatever a model or a document brings.

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
        (r"!\[[^\]\n]{0,200}\]\([^)\n]{0,500}\)", " "),
        (r"\[\^[^\]\n]{1,40}\]", ""),
        (r"[ \t]?\[\d{1,3}(?:[ \t]?[,;–-][ \t]?\d{1,3}){0,20}\](?!\()", ""),
        (r"[ \t]?【[^】\n]{0,80}】", ""),
        (r"\]\([^)\s]{0,500}(?:[ \t]+\"[^\"\n]{0,200}\")?\)", ""),
        (r"(?<=\w)\]\[[^\]\n]{0,80}\]", ""),
        # Addresses, with the brackets or words of pointing around them.
        (rf"[<(（]\s*{_URL}\s*[>)）]", ""),
        (_URL, ""),
        # Tags. "a < b" is none.
        (r"<(?:br|/p|/li|/h\d|/tr|/div)\b[^<>\n]{0,200}>", ". "),
        (r"</?[a-z][^<>\n]{0,400}>", ""),
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
        (r" +([,.;:!?…])", r"\1"),
        (r"([,;:])(?:[,;:])+", r"\1"),
        (r"[,;:]+([.!?…])", r"\1"),
        (r"([.!?…])\.(?!\.)", r"\1"),
        # A clause begins with a word or a number (".5").
        (r"^(?:[\s,;:!?…)|]|\.(?!\d)|[–—](?=\s))+", ""),
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

    def feed(self, clause: str, *, ends: bool = True) -> str:
        """The words of *clause* to be spoken; empty when there are none (so nothing must go to a voice).

        *ends* says whether a sentence ends with the clause: then a heading or list item gets its full stop.
        """
        prose = self._outside_blocks(_without_controls(clause))
        lines = _lines(prose.split("\n"))
        text = " ".join(
            _stopped(line) if ended and (ends or index < len(lines) - 1) else line
            for index, (line, ended) in enumerate(lines)
        )
        for pattern, replacement in _FINISH:
            text = pattern.sub(replacement, text)
        return text if any(map(str.isalnum, text)) else ""

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
    """A whole text at once."""
    return Cleaner().feed(text)


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


def _without_controls(text: str) -> str:
    """Without what has neither shape nor sound. Joiners stay: Indic scripts and emoji are built with them."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    if text.isascii() and text.replace("\n", "").isprintable():
        return text
    kept = []
    for character in text:
        category = unicodedata.category(character)
        if category == "Cc":
            kept.append(character if character == "\n" else " ")
        elif category not in {"Cs", "Co", "Cn"} and (category != "Cf" or character in "\u200c\u200d"):
            kept.append(character)
    return "".join(kept)


def _lines(raw: list[str]) -> list[tuple[str, bool]]:
    """The lines to be spoken, each with whether a sentence ends with it, be it written with a stop or not.

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
        bare = _NUMBER.sub(r"\1, ", _BULLET.sub("", bare, count=1), count=1)
        if words := _words(bare):
            found.append((words, item is not None))
    return found


def _words(line: str) -> str:
    """*line* without links, code, tags, emoji."""
    for pattern, replacement in _REWRITES:
        line = pattern.sub(replacement, line)
    return _ARROWS.sub(", ", _EMOTICON.sub(" ", _EMOJI.sub(" ", html.unescape(line)))).strip()


def _stopped(line: str) -> str:
    bare = line.rstrip("*_~\"'”’)] ")
    if not bare or not bare[-1].isalnum():
        return line
    return line + ("。" if _WIDE_END.search(bare) else ".")
