"""What of a written answer stands in its caption: the words as they are written, without the marks of Markdown.

Names, paths and addresses keep every sign; the voice's form of the same line is made by `spoken.py`.
"""

import re

from backend.speaking.marks import CITATIONS, IMAGE, TAGS, URL, unescaped

_KEPT = 0xE000
"""Where the private characters begin that stand for what must not be touched; none of them is let in from outside."""
_KEPT_MOST = 0x1900

_PROTECTED = re.compile(
    r"(?P<ticks>`{1,3})(?P<code>[^`\n]+)(?P=ticks)"
    r"|\$(?=[^\s$])(?P<formula>[^$\n]{0,200}?[\\^_{}=][^$\n]{0,200}?)\$(?!\d)"
    rf"|<\s*(?P<link>{URL})\s*>|(?P<url>{URL})",
    re.IGNORECASE,
)

_REWRITES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), replacement)
    for pattern, replacement in (
        (IMAGE, " "),
        # A link is its text; one that is cut by a clause's border too. "[1][2]" are citations.
        (r"\[(?![\d^])([^\[\]\n]{1,200})\](?:\([^)\n]{0,500}\)|\[[^\]\n]{0,80}\])", r"\1"),
        *((pattern, "") for pattern in CITATIONS),
        (r"\]\([^)\s]{0,500}(?:[ \t]+\"[^\"\n]{0,200}\")?\)", ""),
        (r"(?<=\w)\]\[[^\]\n]{0,80}\]", ""),
    )
)

_FINISH: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (r"`", ""),
        (r"\\([\\`*_{}\[\]()#+.!|>~$-])", r"\1"),
        (r"\*+(?=\S)|(?<=\S)\*+", ""),
        (r"(?<!\w)_+(?=\S)|(?<=\S)_+(?!\w)", ""),
        (r"~~", ""),
        # The bracket of a link whose other half is in the next clause.
        (r"\[(?![^\]]*\])", ""),
        (r"\(\s*\)", ""),
        (r"\s+", " "),
        (r" +([,;]|\.(?!\w))", r"\1"),
        (r"^(?:[\s,;!?…)|]|:(?!\S)|\.(?!\w)|[–—](?=\s))+", ""),
        (r"[\s(|]+$", ""),
    )
)


def is_kept(character: str) -> bool:
    """Whether *character* stands for something that was protected."""
    return _KEPT <= ord(character) < _KEPT + _KEPT_MOST


class Shown:
    """Writes one clause for the eye: `words` for each of its lines, then `finish` for all of them together."""

    def __init__(self) -> None:
        self._kept: list[str] = []

    def words(self, line: str) -> str:
        """*line* without tags, citations and the targets of links."""
        for pattern, replacement in _REWRITES:
            line = pattern.sub(replacement, line)
        line = _PROTECTED.sub(self._protect, line)
        for pattern, replacement in TAGS:
            line = pattern.sub(replacement, line)
        return unescaped(line).strip()

    def finish(self, text: str) -> str:
        """*text* without emphasis, with what was protected back in its place."""
        for pattern, replacement in _FINISH:
            text = pattern.sub(replacement, text)
        return "".join(map(self._restored, text)) if self._kept else text

    def _protect(self, match: re.Match[str]) -> str:
        kept: str = next(filter(None, match.group("code", "formula", "link", "url")))
        if len(self._kept) == _KEPT_MOST:
            return kept
        self._kept.append(kept.strip())
        return chr(_KEPT + len(self._kept) - 1)

    def _restored(self, character: str) -> str:
        number = ord(character) - _KEPT
        return self._kept[number] if 0 <= number < len(self._kept) else character
