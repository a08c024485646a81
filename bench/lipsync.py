"""Lip sync against the truth, against Rhubarb's output, and against the real Rhubarb binary's speed, in one run.

The utterances are those of tests/rhubarb/data. The binary is timed on the first four of them; where it is not
installed (`visavis rhubarb install`) what needs it is left out. Seconds depend on the machine; the ratios count.
"""

from __future__ import annotations

import asyncio
import difflib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path
from statistics import mean
from typing import Any

import numpy as np

from bench import report
from rhubarb import MouthCue, Phone, Stream, animate, cues, warm
from rhubarb.binary import Binary, BinaryError
from rhubarb.ear.ear import Ear
from rhubarb.plan import Plan
from rhubarb.rules.allowed import Timed, rules
from rhubarb.rules.rough import closest
from tests.rhubarb.utterances import DATA, NAMES, NATURAL, Utterance, agreement, frames, load

CHUNK = 0.1
NEAR = 0.05
SIDE_BY_SIDE = 4
"""Utterances the binary is timed on; it takes several seconds for each."""
ROOT = Path(__file__).parents[1]

Method = Callable[[Utterance], Sequence[MouthCue]]


def whole(said: Utterance) -> list[MouthCue]:
    return cues(said.pcm, said.rate, said.text)


def chunks(said: Utterance) -> list[bytes]:
    step = 2 * round(said.rate * CHUNK)
    return [said.pcm[at : at + step] for at in range(0, len(said.pcm), step)]


def streamed(said: Utterance) -> list[MouthCue]:
    stream = Stream(said.text, said.rate)
    return [cue for chunk in chunks(said) for cue in stream.feed(chunk)] + stream.finish()


def anchored(said: Utterance) -> list[MouthCue]:
    stream = Stream(said.text, said.rate)
    for word in said.true_words:
        stream.word(word)
    return [cue for chunk in chunks(said) for cue in stream.feed(chunk)] + stream.finish()


def spread(said: Utterance) -> list[MouthCue]:
    stream = Stream(said.text, said.rate, listen=False)
    for word in said.true_words:
        stream.word(word)
    return stream.feed(said.pcm) + stream.finish()


def naive(said: Utterance) -> list[MouthCue]:
    """One shape per phone heard: no anticipation, no timing, no tweens."""
    timed = [Timed(round(p.start * 100), round(p.end * 100), p.phone) for p in heard(said)]
    steps = rules(timed, 0, int(said.duration * 100 + 1e-6))
    return [MouthCue(rule.start / 100, rule.end / 100, closest("X", rule.shapes)) for rule in steps]


def rhubarb_file(kind: str) -> Method:
    def read(said: Utterance) -> list[MouthCue]:
        found = json.loads((DATA / f"{said.name}.rhubarb-{kind}.json").read_text())["mouthCues"]
        return [MouthCue(cue["start"], cue["end"], cue["value"]) for cue in found]

    return read


def heard(said: Utterance) -> list[Phone]:
    plan = Plan(said.text, "en-US")
    ear = Ear([word.variants for word in plan.words], [word.spoken.pause for word in plan.words], said.rate)
    ear.feed(np.frombuffer(said.pcm, np.int16), last=True)
    return [Phone(item.start, item.end, item.phone) for item in ear.heard(final=True)]


def two_passes(said: Utterance) -> list[Phone]:
    """PocketSphinx's own decoder: words first, then their phones."""
    import pocketsphinx

    plan = Plan(said.text, "en-US")
    decoder = pocketsphinx.Decoder(
        lm=None, samprate=said.rate, bestpath=False, beam=1e-80, pbeam=1e-80, wbeam=1e-60, loglevel="FATAL"
    )
    for word in plan.words:
        if decoder.lookup_word(word.spoken.word) is None:
            decoder.add_word(word.spoken.word, " ".join(word.phones).replace("Schwa", "AH"), True)
    decoder.set_align_text(" ".join(word.spoken.word for word in plan.words))
    _run(decoder, said.pcm)
    if decoder.hyp() is None:
        return []
    decoder.set_alignment()
    _run(decoder, said.pcm)
    # The iterators do not keep what they walk over alive.
    alignment = decoder.get_alignment()
    result: list[Phone] = []
    for word in alignment:
        for phone in word:
            start, end = phone.start / 100 + 0.01, (phone.start + phone.duration) / 100 + 0.01
            result.append(Phone(start, end, phone.name))
    return result


def _run(decoder: Any, pcm: bytes) -> None:
    decoder.start_utt()
    decoder.process_raw(pcm, full_utt=True)
    decoder.end_utt()


def starts(found: Sequence[Phone], true: Sequence[Phone]) -> list[float]:
    """How far the phones that both have start apart, in seconds."""
    same = {"Schwa": "AH"}
    mine = [phone for phone in found if phone.phone != "SIL"]
    names = [[same.get(phone.phone, phone.phone) for phone in side] for side in (mine, true)]
    blocks = difflib.SequenceMatcher(None, names[0], names[1], autojunk=False).get_matching_blocks()
    return [
        one.start - other.start
        for block in blocks
        for one, other in islice(zip(mine[block.a :], true[block.b :], strict=False), block.size)
    ]


def closures(found: Sequence[MouthCue], reference: Sequence[MouthCue]) -> tuple[int, int]:
    """How many closed shapes of the reference `found` has within 50 ms, and how many there are."""
    closed = [cue for cue in found if cue.shape == "A"]
    wanted = [cue for cue in reference if cue.shape == "A"]
    hits = sum(any(cue.start - NEAR < want.end and want.start < cue.end + NEAR for cue in closed) for want in wanted)
    return hits, len(wanted)


def rate_of(pairs: Sequence[tuple[int, int]]) -> float:
    return sum(hit for hit, _ in pairs) / max(1, sum(total for _, total in pairs))


def row(name: str, method: Method, said: Sequence[Utterance]) -> str:
    found = {one.name: method(one) for one in said}
    natural = [one for one in said if one.voice.startswith(NATURAL)]
    recall = rate_of([closures(found[one.name], one.truth) for one in said])
    precision = rate_of([closures(one.truth, found[one.name]) for one in said])
    return (
        f"| {name} | {mean(agreement(found[one.name], one.truth) for one in said):.3f} "
        f"| {mean(agreement(found[one.name], one.truth, 5) for one in said):.3f} "
        f"| {mean(agreement(found[one.name], one.rhubarb) for one in natural):.3f} "
        f"| {mean(agreement(found[one.name], one.rhubarb, 5) for one in natural):.3f} "
        f"| {recall:.3f} / {precision:.3f} |"
    )


def accuracy(said: Sequence[Utterance]) -> list[str]:
    equal = total = 0
    for one in said:
        ours, theirs = frames(animate(one.rhubarb_phones, one.rhubarb[-1].end)), frames(one.rhubarb)
        equal += sum(a == b for a, b in zip(ours, theirs, strict=True))
        total += len(theirs)
    lines = [
        f"Rules on Rhubarb's own phones: {equal / total:.2%} of {total} frames equal.",
        "",
        "| | truth, exact | truth, 50 ms | Rhubarb, exact | Rhubarb, 50 ms | closures recall / precision |",
        "|---|---|---|---|---|---|",
        row("`cues`", whole, said),
        row("`Stream`, 100 ms chunks", streamed, said),
        row("`Stream` with the voice's word times", anchored, said),
        row("word times alone, phones spread", spread, said),
        row("one shape per phone heard", naive, said),
        row("PocketSphinx's decoder, two passes", lambda one: animate(two_passes(one), one.duration), said),
        row("Rhubarb 1.14 with dialog", rhubarb_file("dialog"), said),
        row("Rhubarb 1.14 without dialog", rhubarb_file("no-dialog"), said),
        row("Rhubarb 1.14, phonetic", rhubarb_file("phonetic"), said),
        "",
        "Truth: the synthesizer's true phones, animated; all voices. Rhubarb: its output with dialog; natural "
        "voices (flite, festival). Closures: shape A within 50 ms of the truth.",
        "",
        "| phone starts, natural voices | within 20 ms | within 50 ms | mean error | bias |",
        "|---|---|---|---|---|",
    ]
    natural = [one for one in said if one.voice.startswith(NATURAL)]
    for name, method in (("ours, one pass", heard), ("PocketSphinx's decoder, two passes", two_passes)):
        errors = np.array([error for one in natural for error in starts(method(one), one.true_phones)])
        lines.append(
            f"| {name} | {np.mean(np.abs(errors) < 0.0201):.1%} | {np.mean(np.abs(errors) < 0.0501):.1%} "
            f"| {np.mean(np.abs(errors)) * 1000:.1f} ms | {np.mean(errors) * 1000:+.1f} ms |"
        )
    return lines


def of_children() -> float:
    """CPU seconds of the processes that have ended."""
    spent = os.times()
    return spent.children_user + spent.children_system


def timed(method: Callable[[Utterance], object], said: Sequence[Utterance], clock: Callable[[], float]) -> float:
    start = clock()
    for one in said:
        method(one)
    return clock() - start


def speed(said: Sequence[Utterance], binary: Binary | None) -> list[str]:
    warm()
    seconds = sum(one.duration for one in said)
    best_whole = min(timed(whole, said, time.process_time) for _ in range(3))
    best_stream = min(timed(streamed, said, time.process_time) for _ in range(3))
    sphinx = timed(two_passes, said, time.process_time)
    pieces: list[float] = []
    for one in said:
        stream = Stream(one.text, one.rate)
        for chunk in chunks(one):
            start = time.process_time()
            stream.feed(chunk)
            pieces.append((time.process_time() - start) * 1000)
        stream.finish()
    lines = [
        "",
        "| CPU per second of audio | | against Rhubarb |",
        "|---|---|---|",
    ]
    theirs = None
    if binary:
        some = said[:SIDE_BY_SIDE]
        theirs = timed(lambda one: binary.cues(one.pcm, one.rate, one.text), some, of_children)
        theirs /= sum(one.duration for one in some)
        lines.append(f"| Rhubarb {binary.version()} binary with dialog | {theirs * 1000:.0f} ms | 1 x |")
    for name, took in (
        ("`cues`", best_whole), ("`Stream`, 100 ms chunks", best_stream),
        ("PocketSphinx's decoder, two passes, with its start", sphinx),
    ):  # fmt: skip
        ratio = f"{theirs * seconds / took:.0f} x faster" if theirs else "-"
        lines.append(f"| {name} | {took / seconds * 1000:.1f} ms | {ratio} |")
    lines += [
        "",
        f"Streaming, per 100 ms of audio: {np.mean(pieces):.2f} ms mean, {np.percentile(pieces, 99):.2f} ms p99, "
        f"{max(pieces):.2f} ms at most. Longest hold of an event loop while `afeed` takes 10 s of audio at once: "
        f"{asyncio.run(longest_hold(max(said, key=lambda one: one.duration))):.1f} ms.",
    ]
    return lines


async def longest_hold(said: Utterance) -> float:
    """Milliseconds of work between two turns of the loop, at most."""
    gaps: list[float] = []
    done = asyncio.Event()

    async def watch() -> None:
        last = time.process_time()
        while not done.is_set():
            await asyncio.sleep(0)
            now = time.process_time()
            gaps.append((now - last) * 1000)
            last = now

    watcher = asyncio.create_task(watch())
    await Stream(said.text, said.rate).afeed(said.pcm)
    done.set()
    await watcher
    return max(gaps)


_MEMORY = """
import gc, json
def rss():
    gc.collect()
    return int(open("/proc/self/statm").read().split()[1]) * 4096 / 1e6
import numpy, rhubarb
from tests.rhubarb.utterances import load
said = load("u13")
before = rss()
def run():
    stream = rhubarb.Stream(said.text, said.rate)
    for at in range(0, len(said.pcm), 4800):
        stream.feed(said.pcm[at : at + 4800])
    return stream
first = run()
one = rss()
idle = [rhubarb.Stream(said.text, said.rate) for _ in range(50)]
many = rss()
busy = [run() for _ in range(10)]
print(json.dumps([one - before, (many - one) / 50, (rss() - many) / 10]))
"""


def memory() -> list[str]:
    if not Path("/proc/self/statm").exists():
        return []
    done = subprocess.run([sys.executable, "-c", _MEMORY], capture_output=True, text=True, check=True, cwd=ROOT)
    first, idle, busy = json.loads(done.stdout)
    return [
        "",
        f"Memory: {first:.0f} MB for the first stream (the acoustic model is shared), {idle:.2f} MB for a further "
        f"idle one, {busy:.1f} MB for one in the middle of 10 s.",
    ]


def main() -> None:
    """Measure, print, and write the page."""
    try:
        binary = Binary()
    except BinaryError as error:
        print(error, file=sys.stderr)
        binary = None
    said = [load(name) for name in NAMES]
    lines = ["## Lip sync", "", "`python -m bench lipsync`", "", *accuracy(said), *speed(said, binary), *memory()]
    text = "\n".join(lines)
    print(text)
    report.write("lipsync", text)


if __name__ == "__main__":
    main()
