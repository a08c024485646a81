"""The gap between a person's last word and the avatar's first sound: the real server, a person who speaks word by word.

A hundred scripted turns with pauses, from the written cases of the end of turn. The recogniser is scripted: a word is
known when it has been said, as a good streaming one does (`LATE` seconds later in the second row). The floor is what
model and voice take when everything is known; the reference waits for a fixed quiet and begins only then.
"""

import argparse
import asyncio
import os
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from backend.hearing.measure import Case, measure, read
from bench import report
from tests import server
from tests.fakes import host
from tests.talker import RATE as RATE_OF_SOUND
from tests.talker import Heard, Talker, talker

CASES = Path(__file__).parents[1] / "tests" / "hearing" / "turns.tsv"
TURNS = 100
FIRST_TOKEN, RATE, FIRST_BYTE, SPEED = 0.25, 60.0, 0.15, 8.0
"""Seconds to the model's first token, its tokens a second, seconds to the voice's first byte, its speed: as in
`bench.conversation`."""
LETTER = 0.065
"""Seconds that a letter takes to say: about 150 words a minute."""
ANSWER = "Certainly, it runs on two cores and needs nothing else. Ask me for more whenever you like."
PEOPLE = 4
"""People who speak at the same time; more would measure the machine."""


@dataclass(frozen=True, slots=True)
class Gap:
    """One turn: seconds from the last word to the first sound, and what the answer took."""

    seconds: float
    answer: float
    """Seconds to the first sound of the answer itself."""
    opener: float
    """Seconds that the opener sounded; 0 where there was none."""
    tokens: int
    guessed: bool
    cut_off: bool
    """The turn was taken before the last word, ..."""
    talked_over: bool
    """... and more than an opener was heard of it by then."""

    @property
    def pause(self) -> float:
        """Quiet between the opener and the answer."""
        return max(0.0, self.answer - self.seconds - self.opener)


@dataclass(frozen=True, slots=True)
class Recogniser:
    """Words are known *late* seconds after they were said; a *detector* hears at once whether somebody speaks."""

    name: str
    late: float = 0.0
    detector: bool = True


PERFECT = Recogniser("a word is known when it ends")
OTHERS = (Recogniser("150 ms later", 0.15), Recogniser("no detector, as with Web Speech", 0.0, detector=False))


async def speak(person: Talker, case: Case, number: int, revision: int, ear: Recogniser) -> tuple[float, int]:
    """Say *case*; the time of the last word's end, and the revision."""
    loop = asyncio.get_running_loop()
    end = loop.time()
    said: list[str] = []

    async def tell(speaking: bool) -> None:
        nonlocal revision
        revision += 1
        more = {"speaking": speaking} if ear.detector else {}
        await person.send(type="heard", text=" ".join(said), utterance=number, revision=revision, **more)

    for piece, pause in zip(case.pieces, [*case.pauses, 0.0], strict=True):
        words = piece.split()
        if said and ear.detector:
            # It hears that they go on, long before the word is known.
            await tell(speaking=True)
        for n, word in enumerate(words, 1):
            end += max(0.12, len(word) * LETTER)
            await asyncio.sleep(end + ear.late - loop.time())
            said.append(word)
            await tell(speaking=n < len(words))
        end += pause
        await asyncio.sleep(end - loop.time())
    return end, revision


async def one(person: Talker, case: Case, number: int, revision: int, ear: Recogniser) -> tuple[Gap, int]:
    before = max(person.turns, default=0)
    end, revision = await speak(person, case, number, revision, ear)
    # A turn that began before the last word is a cut-off; the server takes it back by itself.
    begun = [heard for turn, heard in person.turns.items() if turn > before and heard.messages[0]["text"] != case.text]
    whole = case.text

    def answered() -> bool:
        last = person.turns.get(max(person.turns, default=0))
        return bool(last and last.turn > before and last.first_word and last.messages[0]["text"] == whole)

    await person.until(answered, 30)
    heard = person.turns[max(person.turns)]
    await person.until(lambda: heard.end, 60)
    assert heard.first_sound is not None
    assert heard.first_word is not None
    assert heard.end is not None
    # They hear it out, and think.
    await asyncio.sleep(heard.seconds() / person.speed + 0.4)
    cost = heard.end["cost"]
    return Gap(
        heard.first_sound - end,
        heard.first_word - end,
        len(heard.opener.pcm) / 2 / RATE_OF_SOUND if heard.opener else 0.0,
        cost["prompt_tokens"] + cost["completion_tokens"],
        cost["ahead_ms"] > 0,
        bool(begun),
        any(talked_over(one, person) for one in begun),
    ), revision


def talked_over(heard: Heard, person: Talker) -> bool:
    """Whether more than an opener of *heard* had sounded when it was taken back."""
    if heard.first_word is None or heard.first_sound is None:
        return False
    begins = max(
        heard.first_word, heard.first_sound + (len(heard.opener.pcm) / 2 / RATE_OF_SOUND if heard.opener else 0)
    )
    return any(at > begins for at, one in person.frames if one["type"] == "cancelled" and one["turn"] == heard.turn)


async def run(url: str, cases: list[Case], ear: Recogniser) -> list[Gap]:
    """All *cases*, each person in a conversation of their own, a few of them at once."""
    people: dict[str, list[Case]] = {}
    for case in cases:
        people.setdefault(case.speaker, []).append(case)
    seats = asyncio.Semaphore(PEOPLE)

    async def person(mine: list[Case]) -> list[Gap]:
        gaps, revision = [], 0
        async with seats, talker(url, speed=8, language=mine[0].language) as me:
            for number, case in enumerate(mine, 1):
                gap, revision = await one(me, case, number, revision, ear)
                gaps.append(gap)
        return gaps

    found = await asyncio.gather(*map(person, people.values()))
    return [gap for gaps in found for gap in gaps]


async def measured(url: str, chat: host.Remote, cases: list[Case], ear: Recogniser) -> tuple[list[Gap], float]:
    """The gaps, and the tokens that the model billed beyond those of the answers that were heard, as a share."""
    before = await billed(chat)
    gaps = await run(url, cases, ear)
    useful = sum(gap.tokens for gap in gaps)
    return gaps, (await billed(chat) - before) / useful - 1


async def billed(chat: host.Remote) -> int:
    """Tokens that the fake model has billed, answers that were broken off included."""
    return sum(one["prompt_tokens"] + one["completion_tokens"] for one in await chat.log())


def ms(seconds: list[float], share: float = 0.5) -> str:
    return f"{sorted(seconds)[int(share * (len(seconds) - 1))] * 1000:.0f} ms"


def row(name: str, gaps: list[Gap], extra: float) -> list[str]:
    every = [gap.seconds for gap in gaps]
    cut, over = sum(gap.cut_off for gap in gaps), sum(gap.talked_over for gap in gaps)
    return [
        name,
        f"**{ms(every)}**",
        ms([gap.answer for gap in gaps]),
        ms(every, 0.25),
        ms(every, 0.95),
        f"{sum(gap.opener > 0 for gap in gaps) / len(gaps):.0%}",
        f"{extra:.1%}",
        f"{sum(gap.guessed for gap in gaps)} of {len(gaps)}",
        f"{cut} ({over})",
    ]


HEAD = [
    *("recogniser", "first sound, median", "answer, median", "first sound, best quarter", "p95"),
    *("turns with an opener", "extra tokens", "guessed right", "cut off (by an answer)"),
]


@asynccontextmanager
async def serving(chat: host.Remote, edge: host.Remote, **more: str) -> AsyncIterator[str]:
    with tempfile.TemporaryDirectory() as data:
        environment = {
            "OPENAI_BASE_URL": chat.url,
            "OPENAI_API_KEY": "none",
            "VISAVIS_EDGE_URL": edge.url,
            "VISAVIS_DATA": data,
            # Every answer and every line is made anew: what a cache knows has no gap worth measuring.
            "VISAVIS_CACHE_MEMORY_MB": "0",
            "VISAVIS_CACHE_DISK_MB": "0",
        }
        with server.process(environment | {"PATH": os.environ["PATH"]} | more) as (url, _):
            yield url


async def bench(turns: int = TURNS) -> str:
    """Run everything once; the Markdown of the section."""
    every = read(CASES)
    cases = [every[int(n * len(every) / turns)] for n in range(turns)]
    settings = ("--first-byte", str(FIRST_BYTE), "--speed", str(SPEED))
    async with (
        host.process("tests.fakes.chat", "--first-token", str(FIRST_TOKEN), "--rate", str(RATE)) as chat,
        host.process("tests.fakes.edge", *settings) as edge,
    ):
        await chat.set(answer=ANSWER)
        async with serving(chat, edge) as url:
            await run(url, cases[:4], PERFECT)  # imports, and the fake's own rendering, are warm
            gaps, extra = await measured(url, chat, cases, PERFECT)
            rows = [row(PERFECT.name, gaps, extra)]
            pauses = [gap.pause for gap in gaps if gap.opener]
            rows += [row(ear.name, *await measured(url, chat, cases[::4], ear)) for ear in OTHERS]
        async with serving(chat, edge, VISAVIS_OPENERS="false") as url:
            await run(url, cases[:4], PERFECT)
            rows.append(row(f"{PERFECT.name}, without openers", *await measured(url, chat, cases, PERFECT)))
    turn_end = measure(every)
    floor = FIRST_TOKEN + FIRST_BYTE
    # Seconds of fixed quiet that cut off as few turns as the rule does.
    careful = next(n / 20 for n in range(6, 60) if measure(every, n / 20).cut_share <= turn_end.cut_share)
    fixed = careful + FIRST_TOKEN + FIRST_BYTE + 3 / RATE
    return f"""## The gap between turns

`python -m bench turngap`. From the end of a person's last word to the avatar's first sound, an opener ("Well,") or the
answer: {turns} scripted turns in six languages with pauses, waits included (a quarter of them in the second and third
row); {FIRST_TOKEN * 1000:.0f} ms to the first token, {FIRST_BYTE * 1000:.0f} ms to the voice's first byte, no caches
but the openers. The floor of an answer is {floor * 1000:.0f} ms, model and voice alone. Who begins only after a fixed
quiet that cuts off as few turns needs {fixed * 1000:.0f} ms. Extra tokens are all that the model billed beyond the
answers that were heard. Cut off are turns that were taken before the last word; in brackets those in which more than an
opener was heard by then.

{report.table(HEAD, rows)}

Quiet between an opener and its answer: median {ms(pauses)}, p95 {ms(pauses, 0.95)}.

The end of a turn, by the rule alone: {turn_end.summary()}. A fixed wait as careful takes {careful * 1000:.0f} ms.

{report.load()}
"""


def main() -> None:
    """Measure, print, and write the page; `--turns` of them for a quick look that writes nothing."""
    parser = argparse.ArgumentParser(prog="bench turngap")
    parser.add_argument("--turns", type=int, default=TURNS)
    turns = parser.parse_known_args()[0].turns
    text = asyncio.run(bench(turns))
    print(text)
    if turns == TURNS:
        report.write("turngap", text)


if __name__ == "__main__":
    main()
