"""Words, the same way for every room: how text is split, stemmed and told from mere function words."""

import re
import threading
import unicodedata
from functools import cache, lru_cache

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]+")
"""Scripts that put no space between words (Thai, Lao, Burmese, Khmer, kana, Han)."""


def is_unspaced(character: str) -> bool:
    """Whether *character* belongs to a script that puts no space between words."""
    return _UNSPACED.match(character) is not None


def word_set(text: str) -> frozenset[str]:
    """The words of a space-separated list."""
    return frozenset(text.split())


STOP_WORDS = word_set(
    # English
    "a about all also am an and any are aren't as at be because been being both but by can can't could "
    "couldn't did didn't do does doesn't doing don't each for from get give got had hadn't has hasn't have "
    "haven't having he her here hers him his how i i'd i'll i'm i've if in into is isn't it it's its just "
    "know let let's like many may me mean might more most much must my need of off on once only or other "
    "our out over own please really same shall she should so some still such tell than that that's the "
    "their them then there there's these they they're this those through to too under until up us very "
    "want was wasn't we we're were what what's when where where's which while who who's whom whose why "
    "will with won't would yes you you'd you'll you're you've your yours okay ok hey hi hello "
    # German, French, Spanish, Italian, Portuguese: the commonest only
    "aber als auch auf aus bei bin bist das dass dein dem den der des dich die dir du ein eine einem einen "
    "einer er es für hat ich ihr ihre im ist kann können man mein mich mir mit nach noch oder sein sich "
    "sie sind und uns vom von vor wann war warum was wenn wer wie wir wird wo zu zum zur über au aux avec "
    "ce ces cette comment dans de des du elle en est et eux il ils je la le les leur lui ma mais mes moi "
    "mon nous où par pas pour pourquoi quand que quel quelle qui sa se ses son sont sur ta te tes toi ton "
    "tu un une vos votre vous al como con cual cuando cómo del donde dónde el ella ellos es esta este esto "
    "está hay las lo los más mi muy nos o para pero por qué quién si sin sobre su sus una unas uno y yo "
    "che chi ci cosa dei della di gli ho io mio nel non perché più quando sono tra tuo ao as com da das "
    "dos ele ela em eu isso mas meu não na no nos os ou onde porque quem seu sua são tem uma você"
)
"""Words that say nothing about the subject. Negations are left out of it on purpose."""

NEGATIONS = word_set(
    "no not never none nobody nothing nowhere neither nor without cannot can't couldn't don't doesn't "
    "didn't isn't aren't wasn't weren't won't wouldn't shouldn't mustn't haven't hasn't hadn't ain't nicht "
    "nie kein keine keinen keiner ohne ne pas jamais sans aucun no nunca jamás sin non mai senza não nem "
    "sem"
)


GENERIC = word_set(
    "use using used work works working happen happens mean means change changes look looks thing things kind kinds "
    "way ways project system app application program part parts need needs write make makes find show shows tell "
    "does support possible exactly best good different difference example several anything something everything "
    "explain describe know call called put turn take go come keep set back help want without time"
)
"""Words that fit into nearly every question: they count less than the words of its subject."""


_SYNONYMS = """
install setup installation
start launch run serve begin boot
stop quit end interrupt cancel terminate shut
licence license copyright
change modify edit replace set configure customize update
connect attach link hook
delete remove erase forget drop clear
make create build produce define write construct
error failure exception problem fault crash
catch handle except
document file folder page
speak talk say voice
show display print render
speed fast quick latency performance
cost price money expensive cheap
picture image photo
find locate search lookup
begin start
whitespace space blank
several multiple many
method function callable
list sequence array
text string
check test verify assert
variable name identifier
loop iterate repeat iteration
value result
item element member
""".strip().splitlines()
"""Words that people use for each other in questions about software, a group to a line."""


def words(text: str) -> list[str]:
    """The words of *text* in lower case; runs of unspaced script come as overlapping pairs of characters.

    >>> words("The EdgeVoice can't say VISAVIS_EDGE_URL")
    ['the', 'edge', 'voice', "can't", 'say', 'visavis', 'edge', 'url']
    """
    found: list[str] = []
    for run in _WORD.findall(_CAMEL.sub(" ", unicodedata.normalize("NFKC", text))):
        word = run.lower().replace("’", "'")
        if _UNSPACED.search(word):
            found.extend(_pairs(word))
        else:
            found.append(word)
    return found


def _pairs(word: str) -> list[str]:
    pieces: list[str] = []
    end = 0
    for run in _UNSPACED.finditer(word):
        pieces.extend(filter(None, [word[end : run.start()]]))
        text = run[0]
        pieces.extend([text[i : i + 2] for i in range(len(text) - 1)] or [text])
        end = run.end()
    pieces.extend(filter(None, [word[end:]]))
    return pieces


def content_words(text: str) -> list[str]:
    """The words of *text* that carry its subject, in order, in lower case."""
    return [word for word in words(text) if word not in STOP_WORDS]


_stemming = threading.Lock()
"""A stemmer works on the word within itself: two threads at once would mix theirs."""


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """The stem of a lower-case *word*, without accents: "connections" and "connected" both give "connect"."""
    plain = "".join(c for c in unicodedata.normalize("NFD", word.split("'", 1)[0]) if not unicodedata.combining(c))
    if not plain.isascii():
        return plain
    with _stemming:
        return str(_stemmer().stemWord(plain))


def stems(text: str) -> list[str]:
    """The stems of the content words of *text*, in order."""
    return [stem(word) for word in content_words(text)]


def is_generic(stemmed: str) -> bool:
    """Whether a stem says little about the subject ("use", "change")."""
    return stemmed in _generic_stems()


def synonyms(stemmed: str) -> tuple[str, ...]:
    """Stems that people use for *stemmed*."""
    return _synonym_stems().get(stemmed, ())


@cache
def _generic_stems() -> frozenset[str]:
    return frozenset(map(stem, GENERIC))


@cache
def _synonym_stems() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for line in _SYNONYMS:
        group = [stem(word) for word in line.split()]
        for word in group:
            found[word] = tuple(dict.fromkeys([*found.get(word, ()), *(other for other in group if other != word)]))
    return found


class _Stemmer:
    """What snowballstemmer's stemmers offer (the package carries no types)."""

    def stemWord(self, word: str) -> str:
        raise NotImplementedError


@cache
def _stemmer() -> _Stemmer:
    # Imports a module for each of some thirty languages (0.2 s): not before it is needed.
    import snowballstemmer  # noqa: PLC0415

    stemmer: _Stemmer = snowballstemmer.stemmer("english")
    return stemmer
