"""Plain questions: on Reddit half of them are puzzled, hence surprise; to an assistant nearly all ask for facts."""

import re

_PLAIN = re.compile(
    r"(?:(?:so|and|ok|okay|hi|hello|please),? )?"
    r"(?:what|which|where|when|who|how (?:do|does|can|many|much|long|far|big|old|often)"
    r"|can|could|is|are|do|does|will|would|should)\b[^?!]*\?",
    re.IGNORECASE,
)
_FEWEST_WORDS = 4  # "What is that?" may well be astonished
# In nats on surprise's logit: from the even odds among such questions in GoEmotions' dev set to one in four.
_STEP = 1.2


def surprise_shift(text: str) -> float:
    """What to add to the logit of surprise: less where *text* is one plain question of four words or more."""
    text = text.strip()
    return -_STEP if _PLAIN.fullmatch(text) and len(text.split()) >= _FEWEST_WORDS else 0.0
