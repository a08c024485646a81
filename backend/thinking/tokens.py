"""Counts tokens to keep a budget: with a model's own tokenizer where one is set, else by an estimate.

The estimate's constants were fitted to o200k_base and cl100k_base over `tests/thinking/tokens.tsv`: text and code in 44
kinds, 27 languages among them. It is rather too high: a budget that is not used up costs less than one that is broken.
"""

import re
from pathlib import Path
from typing import TYPE_CHECKING

from backend.fallback import EngineError
from backend.words import word_set

if TYPE_CHECKING:
    import tokenizers

ENGLISH, FOREIGN, CAPITALS = 6.0, 3.6, 3.0
"""Letters of a word for each token: of an English word, of any other in Latin letters, of one in capitals. Vocabularies
hold whole English words, and pieces of the others."""
CYRILLIC, MIDDLE = 2.2, 1.3
"""The same for Cyrillic, and for Greek, Hebrew and Arabic."""
SCRAMBLED = 1.5
"""Characters for each token of what is no language: keys, hashes, base64."""
SHARE = 0.1
"""A text of whose words at least so many are the commonest of English is English."""
FEW = 5
"""Words that are too few to tell; a mistake about them is a small one."""
LONGEST = 24
"""Letters that a token stands for at most, white space beside it included."""

_PIECE = re.compile(
    r"(?P<latin>[A-Za-z\u00aa-\u00ba\u00c0-\u024f\u0300-\u036f\u1e00-\u1eff]+)|(?P<number>\s?\d{1,3})"
    r"|(?P<cyrillic>[\u0400-\u052f]+)|(?P<middle>[\u0370-\u03ff\u0590-\u06ff]+)"
    r"|(?P<marks>[!-/:-@\[-`{-~]+)|(?P<blank>\s{2,}|\n)|(?P<other>\S)"
)
_KEY = re.compile(r"[A-Za-z0-9_+/=-]{24,}")
_WORD = re.compile(r"[^\W\d_]+")
_COMMONEST = word_set("the of and that with are this not what will your you have from it for to is")

_tokenizer: "tokenizers.Tokenizer | None" = None


def use(path: Path | None) -> None:
    """Count with the tokenizer in the file *path* (or in `tokenizer.json` of that folder) from now on; None goes back
    to the estimate. Blocking. Raises `EngineError`."""
    global _tokenizer  # noqa: PLW0603  (one for the process: a setting, like the models it belongs to)
    if path is None:
        _tokenizer = None
        return
    try:
        import tokenizers  # noqa: PLC0415
    except ModuleNotFoundError:
        raise EngineError("A tokenizer is set, and the library is missing.", "uv sync --extra tokenizer") from None
    file = path / "tokenizer.json" if path.is_dir() else path
    try:
        loaded = tokenizers.Tokenizer.from_file(str(file))
    except Exception as error:  # the library raises plain `Exception` for whatever is wrong with the file
        remedy = "VISAVIS_TOKENIZER names a tokenizer.json, or the folder of one."
        raise EngineError("The tokenizer cannot be read.", remedy) from error
    loaded.no_truncation()
    loaded.no_padding()
    _tokenizer = loaded


def count_tokens(text: str) -> int:
    """How many tokens *text* takes; without a tokenizer, rather a few more than a model's own would say."""
    return len(_tokenizer.encode(text, add_special_tokens=False).ids) if _tokenizer else estimate(text)


def estimate(text: str) -> int:
    """Roughly how many tokens a vocabulary of 100,000 to 200,000 needs for *text*."""
    total = 0.0
    for key in _KEY.findall(text):
        if _is_scrambled(key):
            total += len(key) / SCRAMBLED
            text = text.replace(key, " ", 1)
    usual = ENGLISH if _is_english(text) else FOREIGN
    for found in _PIECE.finditer(text):
        piece = found[0]
        match found.lastgroup:
            case "latin":
                total += _latin(piece, usual)
            case "number":
                total += 1 + piece[0].isspace()
            case "cyrillic":
                total += _pieces(len(piece), CYRILLIC)
            case "middle":
                total += _pieces(len(piece), MIDDLE)
            case "marks":
                total += _pieces(len(piece), 2)
            case _:
                total += 1 + (piece > "\uffff")
    return int(total + 0.5)


def _latin(word: str, usual: float) -> int:
    if len(word) > 3 and word.isupper():
        return _pieces(len(word), CAPITALS)
    accents = sum(not letter.isascii() for letter in word)
    # A name, or a loan word: it stands whole in no vocabulary.
    strange = accents or (len(word) > ENGLISH and word[0].isupper())
    return _pieces(len(word) + accents, FOREIGN if strange else usual)


def _pieces(length: int, each: float) -> int:
    return int(-(-length // each))


def _is_english(text: str) -> bool:
    words = _WORD.findall(text.lower())
    return len(words) < FEW or sum(word in _COMMONEST for word in words) >= SHARE * len(words)


def _is_scrambled(key: str) -> bool:
    kinds = (str.isdigit, str.islower, str.isupper)
    return all(any(kind(letter) for letter in key) for kind in kinds)


def cut_to_tokens(text: str, most: int) -> str:
    """*text* cut at a sentence or word border, so that it takes *most* tokens at most."""
    text = text[: most * LONGEST]  # whoever sends a megabyte does not make us count it
    if count_tokens(text) <= most:
        return text
    low, high = 0, len(text)
    while low < high:  # the longest beginning that fits
        middle = (low + high + 1) // 2
        low, high = (middle, high) if count_tokens(text[:middle]) <= most else (low, middle - 1)
    cut = text[:low]
    end = max(cut.rfind(mark) + 1 for mark in (". ", "! ", "? ", "。", "\n"))
    nicer = (cut[:end] if end > len(cut) // 2 else cut[: cut.rfind(" ") if " " in cut else low]).rstrip()
    # A shorter text may count more: the estimate can take it for another language.
    return nicer if count_tokens(nicer) <= most else cut
