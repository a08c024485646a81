"""How soon, how smooth and how cheap an answer is: the real server over real sockets, beside two references.

The *floor* is what nobody can beat with this model and this voice: the model's time to its first token, the tokens
of the first clause at the model's rate, and the voice's time to its first byte. The *naive* pipeline waits for the
whole answer, then for its whole sound, then for its mouth cues, and sends all of it in one message. Both fakes run in
processes of their own; server and listeners are measured from outside.
"""

import asyncio
import io
import itertools
import os
import statistics
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import edge_tts
import edge_tts.communicate
import miniaudio
import openai

from backend.thinking.clauses import Clauses
from bench import report
from rhubarb import cues
from tests import server
from tests.fakes import chat, host
from tests.talker import Heard, Talker, talker

FIRST_TOKEN = 0.25
"""Seconds to the first token: a small hosted model."""
RATE = 60.0
"""Tokens a second."""
FIRST_BYTE = 0.15
"""Seconds to the voice's first byte, as Edge takes on a good line."""
SPEED = 8.0
"""Seconds of sound that the voice sends per second."""
ANSWER = (
    "Certainly, here is how it works. The browser listens and sends the words to a small server. "
    "A model answers in a stream of tokens, and every clause is spoken as soon as it is complete. "
    "While you hear the first sentence, the next one is already on its way. "
    "The mouth follows the very samples that you hear."
)
CROWDS = ((1, 0.0), (10, 10.0), (50, 10.0), (50, 0.5))
"""Conversations at once, and the seconds over which they begin. People do not speak in step: over ten seconds, half
an answer, all of them overlap. The last one is a stampede."""
ROUNDS = {1: 8, 10: 3, 50: 2}
IDLE = 200


@dataclass(slots=True)
class Figures:
    """What one crowd saw. Times in seconds."""

    crowd: int
    within: float
    first: list[float]
    starved: float
    longest_pause: float
    uncovered: float
    cpu_per_minute: float
    spoken: float


def floor() -> float:
    """Seconds that model and voice take by themselves until the first sound of `ANSWER`."""
    cutter = Clauses()
    for count, token in enumerate(chat.tokens(ANSWER)):
        if cutter.feed(token):
            # The clause is known to be over by the token that follows it; an ideal cutter would not need that one.
            return FIRST_TOKEN + (count - 1) / RATE + FIRST_BYTE
    raise AssertionError


def cpu_seconds(pid: int) -> float:
    """User and system time of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident(pid: int) -> float:
    """Megabytes of memory of a process."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def pauses(heard: Heard) -> float:
    """The longest quiet stretch between two lines: trailing pause of one, leading silence of the next (s)."""
    lines = [line for _, line in sorted(heard.lines.items())]
    longest = 0.0
    for before, after in itertools.pairwise(lines):
        if before.words and after.words:
            longest = max(longest, len(before.pcm) / 48_000 - before.words[-1][1] + after.words[0][0])
    return longest


async def one_turn(person: Talker) -> tuple[float, Heard]:
    """Ask, and return the seconds until the first sound with its cue, and what was heard to the end."""
    asked = time.monotonic()
    heard = await person.ask("How does it work?", timeout=120)
    assert heard.first_sound is not None
    assert heard.first_cue is not None
    assert heard.end is not None
    assert heard.end["type"] == "turn_ended", heard.end
    return max(heard.first_sound, heard.first_cue) - asked, heard


async def crowd(url: str, pid: int, count: int, within: float) -> Figures:
    """*count* people converse at the same time, several rounds; they begin within *within* seconds."""

    async def person(number: int) -> list[tuple[float, Heard]]:
        async with talker(url) as me:
            turns = []
            await asyncio.sleep(within * number / count)
            for _ in range(ROUNDS[count]):
                turns.append(await one_turn(me))
            return turns

    before = cpu_seconds(pid)
    results = [turn for turns in await asyncio.gather(*map(person, range(count))) for turn in turns]
    used = cpu_seconds(pid) - before
    spoken = sum(heard.seconds() for _, heard in results)
    return Figures(
        count,
        within,
        [first for first, _ in results],
        max(heard.starved for _, heard in results),
        max(pauses(heard) for _, heard in results),
        max(line.uncovered for _, heard in results for line in heard.lines.values()),
        used / (spoken / 60),
        spoken,
    )


async def naive(chat_url: str, edge_url: str) -> float:
    """Seconds to the first sound of the pipeline that does one thing after the other."""
    edge_tts.communicate.WSS_URL = edge_url
    client = openai.AsyncOpenAI(base_url=chat_url, api_key="none")
    started = time.monotonic()
    answer = await client.chat.completions.create(
        model="fake-small", messages=[{"role": "user", "content": "How does it work?"}]
    )
    text = answer.choices[0].message.content or ""
    sound = io.BytesIO()
    async for part in edge_tts.Communicate(text, "en-US-JennyNeural", boundary="WordBoundary").stream():
        if part["type"] == "audio":
            sound.write(part["data"])
    decoded = miniaudio.decode(sound.getvalue(), nchannels=1, sample_rate=24_000)
    await asyncio.to_thread(cues, bytes(decoded.samples), 24_000, text)
    await client.close()
    return time.monotonic() - started


async def interruptions(url: str) -> tuple[float, int]:
    """(worst seconds from an interruption until the server confirms it, frames of the old turn after that)."""
    worst, late = 0.0, 0
    async with talker(url) as me:
        for _ in range(8):
            heard = await me.say("How does it work?")
            await me.until(lambda h=heard: h.first_sound)
            await asyncio.sleep(0.3)
            cut = time.monotonic()
            await me.send(type="interrupt", turn=heard.turn, line=0, played_ms=300)
            await me.until(lambda h=heard: h.end)
            confirmed = next(at for at, m in me.frames if m["type"] == "cancelled" and m["turn"] == heard.turn)
            await asyncio.sleep(0.3)
            worst = max(worst, confirmed - cut)
            late += sum(at > confirmed and m.get("turn") == heard.turn for at, m in me.frames)
    return worst, late


async def idle(url: str, pid: int) -> float:
    """Megabytes per idle conversation."""
    before = resident(pid)
    async with asyncio.TaskGroup() as group:
        stop = asyncio.Event()
        ready = asyncio.Semaphore(0)

        async def stay() -> None:
            async with talker(url, play=False):
                ready.release()
                await stop.wait()

        for _ in range(IDLE):
            group.create_task(stay())
        for _ in range(IDLE):
            await ready.acquire()
        after = resident(pid)
        stop.set()
    return (after - before) / IDLE


async def measure() -> str:
    """Run everything once; the Markdown of the section."""
    with tempfile.TemporaryDirectory() as data:
        return await _measure(data)


async def _measure(data: str) -> str:
    settings = ("--first-byte", str(FIRST_BYTE), "--speed", str(SPEED))
    async with (
        host.process("tests.fakes.chat", "--first-token", str(FIRST_TOKEN), "--rate", str(RATE)) as chat_fake,
        host.process("tests.fakes.edge", *settings) as edge_fake,
    ):
        await chat_fake.set(answer=ANSWER)
        environment = {
            "OPENAI_BASE_URL": chat_fake.url,
            "OPENAI_API_KEY": "none",
            "VISAVIS_EDGE_URL": edge_fake.url,
            "VISAVIS_EDGE_PARALLEL": "64",
            "VISAVIS_MODEL_PARALLEL": "64",
            # Every answer is rendered anew: what is cached would be heard at once.
            "VISAVIS_CACHE": "false",
            "VISAVIS_DATA": data,
        }
        with server.process(environment) as (url, child):
            async with talker(url) as me:
                await one_turn(me)  # the fake renders each clause once, imports are warm
            await asyncio.sleep(2)
            # Before the crowds: those leave memory behind that idle ones would use again.
            each = await idle(url, child.pid)
            waits = [await naive(chat_fake.url, edge_fake.url) for _ in range(3)]
            figures = []
            for count, within in CROWDS:
                figures.append(await crowd(url, child.pid, count, within))
                print(show(figures[-1], statistics.median(waits)), flush=True)
            worst, late = await interruptions(url)
    return section(figures, statistics.median(waits), worst, late, each)


def show(figures: Figures, waited: float) -> str:
    median = statistics.median(figures.first)
    return (
        f"{figures.crowd:3d} at once: first sound {median * 1000:.0f} ms = {median / floor():.3f} x floor "
        f"({floor() * 1000:.0f} ms), naive {waited / median:.1f} x slower, starved {figures.starved * 1000:.0f} ms, "
        f"pause {figures.longest_pause * 1000:.0f} ms, {figures.cpu_per_minute:.2f} CPU s per spoken minute"
    )


def section(figures: list[Figures], waited: float, worst: float, late: int, each: float) -> str:
    rows = []
    for one in figures:
        ordered = sorted(one.first)
        p95 = ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]
        rows.append(
            [
                f"{one.crowd}, beginning within {one.within:g} s" if one.within else str(one.crowd),
                f"**{statistics.median(ordered) / floor():.2f}**",
                f"{p95 / floor():.2f}",
                f"{waited / floor():.1f}",
                f"{one.starved * 1000:.0f} ms",
                f"{one.longest_pause * 1000:.0f} ms",
                f"{max(0.0, one.uncovered) * 1000:.0f} ms",
                f"{one.cpu_per_minute:.2f}",
            ]
        )
    head = [
        "conversations at once",
        "first sound / floor, median",
        "p95",
        "naive / floor",
        "sound missing, worst turn",
        "longest pause",
        "sound before its cues",
        "CPU s per spoken minute",
    ]
    return f"""## The streamed turn

`python -m bench conversation`. Local services that speak the real protocols: {FIRST_TOKEN * 1000:.0f} ms to the first
token, {RATE:.0f} tokens a second, {FIRST_BYTE * 1000:.0f} ms to the voice's first byte, sound at {SPEED:.0f} times its
own speed. The floor is {floor() * 1000:.0f} ms: first token + the first clause's tokens + the voice's first byte.

{report.table(head, rows)}

- From an interruption to the server's confirmation: {worst * 1000:.1f} ms at worst; frames of the old turn after
  it: {late}.
- Memory: {each:.2f} MB per idle conversation ({IDLE} of them open).
"""


def main() -> None:
    """Measure, print, and write the page."""
    text = asyncio.run(measure())
    print(text)
    report.write("conversation", text)


if __name__ == "__main__":
    main()
