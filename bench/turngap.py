"""The gap between a person's last word and the avatar's first sound: the real server, a person who speaks word by word.

A hundred scripted turns with pauses, from the written cases of the end of turn. The recogniser is scripted: a word is
known when it has been said, as a good streaming one does (`LATE` seconds later in the second row). The floor is what
model and voice take when everything is known; the reference waits for a fixed quiet and begins only then.
"""

import asyncio
import os
import statistics
import tempfile
from dataclasses import dataclass
from pathlib import Path

from backend.hearing.measure import Case, measure, read
from bench import report
from tests import server
from tests.fakes import host
from tests.talker import Talker, talker

CASES = Path(__file__).parents[1] / "tests" / "hearing" / "turns.tsv"
TURNS = 100
FIRST_TOKEN, RATE, FIRST_BYTE, SPEED = 0.25, 60.0, 0.15, 8.0
"""Seconds to the model's first token, its tokens a second, seconds to the voice's first byte, its speed: as in
`bench.conversation`."""
LETTER = 0.065
"""Seconds that a letter takes to say: about 150 words a minute."""
FIXED = 0.95
"""Seconds of fixed quiet that cut off as few turns as the rule does (`tests/hearing`)."""
ANSWER = "Certainly, it runs on two cores and needs nothing else. Ask me for more whenever you like."
PEOPLE = 4
"""People who speak at the same time; more would measure the machine."""


@dataclass(frozen=True, slots=True)
class Gap:
    """One turn: seconds from the last word to the first sound, and what the answer took."""

    seconds: float
    tokens: int
    guessed: bool
    cut_off: bool


async def speak(person: Talker, case: Case, number: int, revision: int, late: float) -> tuple[float, int]:
    """Say *case*; the time of the last word's end, and the revision."""
    loop = asyncio.get_running_loop()
    end = loop.time()
    said: list[str] = []
    pauses = [*case.pauses, 0.0]
    for piece, pause in zip(case.pieces, pauses, strict=True):
        words = piece.split()
        for n, word in enumerate(words, 1):
            end += max(0.12, len(word) * LETTER)
            await asyncio.sleep(end + late - loop.time())
            said.append(word)
            revision += 1
            # A detector knows within a frame that the sound goes on.
            speaking = n < len(words)
            text = " ".join(said)
            await person.send(type="heard", text=text, utterance=number, revision=revision, speaking=speaking)
        end += pause
    return end, revision


async def one(person: Talker, case: Case, number: int, revision: int, late: float) -> tuple[Gap, int]:
    before = max(person.turns, default=0)
    end, revision = await speak(person, case, number, revision, late)
    # A turn that began before the last word is a cut-off; the server takes it back by itself.
    begun = [turn for turn in person.turns if turn > before]
    whole = case.text

    def answered() -> bool:
        last = person.turns.get(max(person.turns, default=0))
        return bool(last and last.turn > before and last.first_sound and last.messages[0]["text"] == whole)

    await person.until(answered, 30)
    heard = person.turns[max(person.turns)]
    await person.until(lambda: heard.end, 60)
    assert heard.first_sound is not None
    assert heard.end is not None
    # They hear it out, and think.
    await asyncio.sleep(heard.seconds() / person.speed + 0.4)
    cost = heard.end["cost"]
    return Gap(
        heard.first_sound - end,
        cost["prompt_tokens"] + cost["completion_tokens"],
        cost["ahead_ms"] > 0,
        bool(begun),
    ), revision


async def run(url: str, cases: list[Case], late: float) -> list[Gap]:
    """All *cases*, each person in a conversation of their own, a few of them at once."""
    people: dict[str, list[Case]] = {}
    for case in cases:
        people.setdefault(case.speaker, []).append(case)
    seats = asyncio.Semaphore(PEOPLE)

    async def person(mine: list[Case]) -> list[Gap]:
        gaps, revision = [], 0
        async with seats, talker(url, speed=8, language=mine[0].language) as me:
            for number, case in enumerate(mine, 1):
                gap, revision = await one(me, case, number, revision, late)
                gaps.append(gap)
        return gaps

    found = await asyncio.gather(*map(person, people.values()))
    return [gap for gaps in found for gap in gaps]


async def measured(url: str, chat: host.Remote, cases: list[Case], late: float) -> tuple[list[Gap], float]:
    """The gaps, and the tokens that the model billed beyond those of the answers that were heard, as a share."""
    before = await billed(chat)
    gaps = await run(url, cases, late)
    useful = sum(gap.tokens for gap in gaps)
    return gaps, (await billed(chat) - before) / useful - 1


async def billed(chat: host.Remote) -> int:
    """Tokens that the fake model has billed, answers that were broken off included."""
    return sum(one["prompt_tokens"] + one["completion_tokens"] for one in await chat.log())


def row(name: str, gaps: list[Gap], extra: float) -> list[str]:
    ordered = sorted(gap.seconds for gap in gaps)
    return [
        name,
        f"**{statistics.median(ordered) * 1000:.0f} ms**",
        f"{ordered[int(0.25 * len(ordered))] * 1000:.0f} ms",
        f"{ordered[int(0.95 * len(ordered))] * 1000:.0f} ms",
        f"{extra:.1%}",
        f"{sum(gap.guessed for gap in gaps)}",
        f"{sum(gap.cut_off for gap in gaps)}",
    ]


async def bench() -> str:
    """Run everything once; the Markdown of the section."""
    every = read(CASES)
    step = len(every) / TURNS
    cases = [every[int(n * step)] for n in range(TURNS)]
    settings = ("--first-byte", str(FIRST_BYTE), "--speed", str(SPEED))
    async with (
        host.process("tests.fakes.chat", "--first-token", str(FIRST_TOKEN), "--rate", str(RATE)) as chat,
        host.process("tests.fakes.edge", *settings) as edge,
    ):
        await chat.set(answer=ANSWER)
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
            with server.process(environment | {"PATH": os.environ["PATH"]}) as (url, _):
                await run(url, cases[:4], 0.0)  # imports, and the fake's own rendering, are warm
                rows = [row("a word is known when it ends", *await measured(url, chat, cases, 0.0))]
                rows.append(row("150 ms later", *await measured(url, chat, cases[::4], 0.15)))
    turn_end = measure(every)
    floor = FIRST_TOKEN + FIRST_BYTE
    fixed = FIXED + FIRST_TOKEN + FIRST_BYTE + 3 / RATE
    head = ["recogniser", "gap, median", "best quarter under", "p95", "extra tokens", "guessed right", "cut off"]
    return f"""## The gap between turns

`python -m bench turngap`. From the end of a person's last word to the avatar's first sound: {TURNS} scripted turns in
six languages with pauses, waits included; {FIRST_TOKEN * 1000:.0f} ms to the first token, {FIRST_BYTE * 1000:.0f} ms to
the voice's first byte, no caches. The floor is {floor * 1000:.0f} ms, model and voice alone. Who begins only after a
fixed quiet that cuts off as few turns needs {fixed * 1000:.0f} ms. Extra tokens are all that the model billed beyond
the answers that were heard.

{report.table(head, rows)}

The end of a turn, by the rule alone: {turn_end.summary()}. A fixed wait as careful takes {FIXED * 1000:.0f} ms.
"""


def main() -> None:
    """Measure, print, and write the page."""
    text = asyncio.run(bench())
    print(text)
    report.write("turngap", text)


if __name__ == "__main__":
    main()
