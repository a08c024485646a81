"""What whisper writes when nobody spoke: descriptions of noise, subtitles of videos it learned from, loops."""

import re

from backend.words import words

_DESCRIPTION = re.compile(r"\[[^\]]*\]|\([^)]*\)|\*[^*]*\*|[♪♫]+")
"""[Music], (applause), *sighs*"""
_SUBTITLES = re.compile(
    r"^(thanks?( you)?( so much| very much)? for (watching|listening)|(please )?(like and )?subscribe.*|"
    r"see you (in the )?next (time|video)|subtitles? (by|made by).*|(sub)?titles? by the amara.*|www\.\S+|"
    r"untertitel.*|vielen dank fürs zuschauen|sous-titr.*|merci d'avoir regardé.*|subtítulos.*|"
    r"gracias por ver( el video)?|sottotitoli.*|legendas.*|obrigado por assistir.*)$"
)
_LONE = frozenset({"you", "the", "so", "bye", "thank you", "uh", "oh", "."})
"""What it writes for noise, and a person hardly says alone, or says with far more confidence."""
SURE = 0.6
"""Mean probability of the tokens from which such a lone word is believed."""
LEAST_SURE = 0.25
"""Below this, nothing is believed."""
WORDS_PER_SECOND = 8.0
"""Nobody speaks faster; a decoder that loops writes faster."""
REPEATS = 4
"""The same stretch of words this often in a row is a loop."""


def believed(text: str, confidence: float, seconds: float) -> str:
    """*text* without what nobody said; empty when none of it can be believed."""
    clean = " ".join(_DESCRIPTION.sub(" ", text).split())
    said = words(clean)
    bare = " ".join(said)
    if not said or confidence < LEAST_SURE or _SUBTITLES.match(clean.lower().rstrip(".! ")):
        return ""
    if bare in _LONE and confidence < SURE:
        return ""
    if len(said) > 3 + WORDS_PER_SECOND * seconds or _loops(said):
        return ""
    return clean


def _loops(said: list[str]) -> bool:
    for size in range(1, len(said) // REPEATS + 1):
        for start in range(len(said) - size * REPEATS + 1):
            piece = said[start : start + size]
            if all(said[start + n * size : start + (n + 1) * size] == piece for n in range(1, REPEATS)):
                return True
    return False
