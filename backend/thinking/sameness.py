"""Tells whether two questions ask the same, so that the answer to one may be given to the other.

Vectors alone cannot: "open the port" and "close the port" lie closer together than most paraphrases. So two
questions are the same only when their vectors nearly coincide AND their signatures are equal: the kind of question,
the content words in their order, numbers, negations, directions, quantities, persons and times.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from backend.thinking.smalltalk import normal, without_greeting
from backend.words import NEGATIONS, stem, word_set

NEAR = 0.95
"""The cosine from which on two questions may be the same."""
WORDS_MOST = 40
LETTERS_MOST = 400
"""Nobody asks the same in a text longer than this."""

_ONE = r"(?:i|we|one)"
_WRAPPERS = re.compile(
    r"^(?:(?:so|well|ok|okay|please|hey|hi|hello|visavis|actually|and|just|quick question|kindly) )*"
    r"(?:(?:(?:can|could|would|will) you (?:please |kindly |maybe )?"
    r"(?:tell|explain to|show|say to|let) (?:me|us)(?: know)?"
    r"|(?:please )?(?:tell|show) (?:me|us)|do you (?:happen to )?know|any idea"
    r"|i (?:would|want|need|am trying) (?:like )?to (?:know|find out|learn)"
    r"|i (?:was|am) (?:just )?wondering|i wonder|can i ask|may i ask|let me know|remind me)"
    r" ?(?:again )?(?:please )?)?"
)
_HOW = re.compile(
    rf"^(?:how (?:do|can|could|would|should|does|might|may) (?:{_ONE}|someone|somebody)(?: go about)?"
    r"|how (?:to|do i go about)|how does one"
    r"|what is the (?:best |right |easiest |correct |proper )?(?:way|method|procedure|process) (?:to|of|for)"
    rf"|what (?:do|should|must) {_ONE} (?:have to |need to )?do (?:in order )?to|is there (?:a|any) way to"
    rf"|in (?:which|what) way (?:do|can|could) {_ONE}|which steps do i take to|what are the steps to) "
)
_PRICE = re.compile(
    r"^(?:how much (?:does |do |would |will )?(?P<a>.+?) costs?|what (?:does|do) (?P<b>.+?) cost"
    r"|how much (?:is|are) (?P<c>.+?)|what (?:is|are) the (?:price|cost|costs|prices) (?:of|for) (?P<d>.+?)) $"
)
_WHERE = r"where (?:can|do|could) (?:i|we|one) (?:find|get|see)|in (?:which|what) place|where to find|where (?:is|are)"
_KINDS = (
    (r"^(?:at )?(?:what|which) time (?:(?:does|do|is|are|will) )?", "when"),
    (rf"^(?:{_WHERE}) ", "where"),
    (r"^(?:why is it that|how come|what is the reason (?:that|why|for)|for (?:what|which) reason) ", "why"),
    (r"^(?:(?:what|which) (?:is|are) (?:there )?|what|which) ?", "what"),
    (r"^(?:is it possible (?:for me )?to|may i|if|whether) ", "whether"),
)
_MEASURES = re.compile(r"^how (?:many|much|long|often|far|old|tall|big|fast|large|late|early) ")
_PLAIN_KINDS = dict.fromkeys(("is", "are", "do", "does", "can", "could", "am"), "whether")
_PLAIN_KINDS |= {word: word for word in ("when", "where", "who", "whose", "why", "how")}
_SAME_WORDS = """
begin start launch
email mail
phone telephone
photo picture image
fix repair
delete remove erase
buy purchase
car automobile
bicycle bike
holiday vacation
big large
small little
quick fast
doc documentation
colour color
licence license
movie film
child kid
allowed permitted
wifi wlan
setting preference
password passcode
choose select pick
modify change alter edit
pc computer
error fault
""".strip().splitlines()
_IGNORED = word_set(
    "a an the please kindly really actually just there do does am is are be been being can could would i we one of "
    "at it its that which who so if then also ever currently exactly possible own"
)
_INFINITIVE = word_set("how way want need have has possible allowed like able going used order try trying wish")
_COUNTING = "zero one two three four five six seven eight nine ten eleven twelve"
_NUMBERS = {word: str(value) for value, word in enumerate(_COUNTING.split()) if word != "one"}
_NUMBER = re.compile(r"[-−+]?\d+(?:[.,:]\d+)*")
_TOKEN = re.compile(r"[-−+]?\d+(?:[.,:]\d+)*\w*|[^\W_]+(?:['’][^\W_]+)*[+#]*|[%€$£°<>=&@]")
_TENSES = word_set("was were did will shall should must has have had might may")
_PHRASAL = re.compile(r"\b(turn|switch|power|shut|put|set)((?: \S+){1,4}) (on|off|up|down|in|out)(?= $)")
_NEEDS_BEFORE = re.compile(
    r"^(?:(?:and|but|or|then|also|so|what about|how about|what else)\b"
    r"|(?:why|really|more|again|go on|continue|else|another)$"
    r"|(?:can you |please )*(?:(?:tell|give|show) me |say )?(?:some |any |an? |in )?"
    r"(?:more|further|examples?|details?)\b)"
    r"|\b(?:it|that one|this one|these|those|them|they|he|she|him|his|her|hers|theirs|the (?:first|second|last"
    r"|other|latter|former|same) one|above|previous|earlier|before that|you (?:said|mentioned|told)|instead|again"
    r"|(?:my|your) last|this(?! (?:year|week|month|quarter|morning|afternoon|evening|summer|winter))|that)\b"
)
_IMPERSONAL = re.compile(
    r"\bis it possible to\b|\bis it that\b|\bhow (?:far|late) is it\b|\b(?:reason|so|know|sure) that\b"
)


@dataclass(frozen=True, slots=True)
class Signature:
    """What a question asks, as far as words can tell; equal signatures are the first half of sameness."""

    kind: str
    words: tuple[str, ...]
    tense: tuple[str, ...]
    denied: int


def same(one: str, other: str, cosine: float) -> bool:
    """Whether the answer to *one* answers *other*; *cosine* is that of their vectors."""
    if cosine < NEAR:
        return False
    mine = signature(one)
    return mine is not None and mine == signature(other)


@lru_cache(maxsize=2_048)
def signature(text: str) -> Signature | None:
    """The signature of a question; None when it cannot stand alone (it leans on what was said before)."""
    if len(text) > LETTERS_MOST:
        return None
    text = unicodedata.normalize("NFKC", without_greeting(text)).strip()
    if not text or needs_history(text):
        return None
    acronyms = {word.lower() for word in re.findall(r"\b[A-Z]{2,5}\b", text) if not text.isupper()}
    tokens = _tokens(text)
    if not tokens or len(tokens) > WORDS_MOST:
        return None
    kind, rest = _kind(tokens)
    tense = tuple(sorted(word for word in [kind, *rest] if word in _TENSES))
    words = tuple(_canonical(word, acronyms) for word in _telling(rest))
    denied = sum(word in NEGATIONS for word in rest)
    return Signature(kind, words, tense, denied) if words else None


def needs_history(text: str) -> bool:
    """Whether a question can only be understood from what was said before."""
    plain = _IMPERSONAL.sub("", normal(text))
    return not plain or bool(_NEEDS_BEFORE.search(plain))


def _tokens(text: str) -> list[str]:
    low = text.lower().replace("’", "'")
    for short, full in (("can't", "can not"), ("cannot", "can not"), ("won't", "will not"), ("n't", " not")):
        low = low.replace(short, full)
    low = re.sub(r"\b(what|who|how|where|when|it|that|there|here)'s\b", r"\1 is", low)
    low = re.sub(
        r"'(?:re|m)\b", " are", re.sub(r"'ll\b", " will", re.sub(r"'ve\b", " have", re.sub(r"'d\b", " would", low)))
    )
    low = re.sub(r"\blog(?:ging)? ?in\b|\bsign(?:ing)? ?in\b", "login", low)
    low = re.sub(r"\blog(?:ging)? ?out\b|\bsign(?:ing)? ?out\b", "logout", low)
    low = re.sub(r"\be-mail\b", "email", re.sub(r"\bwi-fi\b", "wifi", low))
    return [_number(token) for token in _TOKEN.findall(low)]


def _number(token: str) -> str:
    if _NUMBER.match(token):
        return re.sub(r"(?<=\d),(?=\d{3}\b)", "", token.replace("−", "-")).removeprefix("+")
    return _NUMBERS.get(token, token)


def _kind(tokens: list[str]) -> tuple[str, list[str]]:
    """What kind of question it is, and its other words."""
    whole = " ".join(tokens) + " "
    text = _PHRASAL.sub(r"\1 \3\2", _WRAPPERS.sub("", whole, count=1))
    if found := _PRICE.match(text):
        return "price", next(filter(None, found.groups())).split()
    for pattern, kind in ((_HOW, "how"), *_KINDS, (_MEASURES, "")):
        if found := re.match(pattern, text):
            return kind or found[0].strip(), text[found.end() :].split()
    first, _, rest = text.strip().partition(" ")
    if kind := _PLAIN_KINDS.get(first) or (first if first in _TENSES else ""):
        return kind, rest.split()
    return "what" if text.strip() != whole.strip() else "told", text.split()


def _telling(words: list[str]) -> list[str]:
    """The words without those that change nothing."""
    kept = []
    before = "how"
    for word in words:
        infinitive = word == "to" and before in _INFINITIVE
        if word not in _IGNORED and word not in _TENSES and not infinitive:
            kept.append(word)
        before = word
    return kept


def _canonical(word: str, acronyms: set[str]) -> str:
    if word in acronyms:
        return word.upper()
    if word in NEGATIONS:
        return "not"
    if any(letter.isdigit() or letter in "+#" for letter in word):
        return word
    plain = stem(word)
    return _same_words().get(plain, plain)


@lru_cache(maxsize=1)
def _same_words() -> dict[str, str]:
    return {stem(word): stem(group.split()[0]) for group in _SAME_WORDS for word in group.split()}
