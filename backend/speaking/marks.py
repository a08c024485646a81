"""The marks of written text that captions and voices both do without, and what is told apart by them."""

import html
import re
import unicodedata

_INSIDE = r"\s<>\"'`\]\[{}|\\^（），。、"
URL = rf"(?:[a-z][a-z0-9+.-]{{1,15}}://|www\.|mailto:)[^{_INSIDE}]{{0,500}}[^{_INSIDE}.,;:!?()*_]/?"
# The bounds in these patterns keep their time linear, whatever a model or a document brings.

IMAGE = r"!\[[^\]\n]{0,200}\]\([^)\n]{0,500}\)"
CITATIONS = (
    r"\[\^[^\]\n]{1,40}\]",
    r"[ \t]?\[\d{1,3}(?:[ \t]?[,;–-][ \t]?\d{1,3}){0,20}\](?!\()",
    r"[ \t]?【[^】\n]{0,80}】",
)
"""Footnotes, "[1]", "【4†source】": the page shows sources on their own."""

TAGS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), replacement)
    for pattern, replacement in (
        # "a < b" is none.
        (r"<(?:br|/p|/li|/h\d|/tr|/div)\b[^<>\n]{0,200}>", ". "),
        (r"</?[a-z][^<>\n]{0,400}>", ""),
    )
)
_ENTITY = re.compile(r"&(?:#\w{1,8}|\w{2,31});?")


def unescaped(line: str) -> str:
    """*line* with HTML's names for characters ("&amp;") as these characters, as far as they may stand there."""
    return _ENTITY.sub(lambda entity: without_controls(html.unescape(entity[0])), line)


def without_controls(text: str) -> str:
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
