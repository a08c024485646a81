"""What the figures mean, in plain words: when a process pool, a batch, a bigger model and a second pass pay."""

from collections.abc import Iterator

from backend.profiling import sizes
from backend.spending.prices import Book
from backend.thresholds import Thresholds


def findings(
    measured: dict[str, float], limits: Thresholds, batches: dict[int, float], heard: dict[str, tuple[float, float]],
    book: Book | None,
) -> Iterator[str]:  # fmt: skip
    """One sentence or two for each question."""
    hop, sync = measured["another process, there and back"], measured["lip sync, listening"]
    speech = measured["espeak"] + sync
    yield f"Crowd: mouths are made by listening in up to {limits.crowd} turns at once, in a larger crowd by word times."
    yield (
        f"Process pool: sending sound to another process costs as much as {hop / sync:.2f} s of lip sync, and an "
        "aligner in the middle of a line cannot move. A process pays for whole conversations (`visavis serve "
        f"--workers`), where more than {1_000 / speech:.0f} s of speech a second are wanted and a core is idle."
    )
    yield f"Keeping lines: pays from {limits.keep_seconds:.3f} s of sound."
    yield _second_pass(measured)
    yield (
        f"Batches of emotion: no. Of the {measured['emotion of a clause']:.2f} ms of a clause a batch could share "
        f"{measured['emotion, what a batch could share']:.0f} %; waiting for a second clause takes longer than that."
    )
    if batches:
        gain = batches[min(batches)] / batches[limits.embed_batch]
        yield f"Batches of vectors: {limits.embed_batch} at a time, {gain:.1f} times as fast as one by one."
    else:
        yield "Batches of vectors: not measured, as VISAVIS_EMBEDDING_MODEL names no folder with a model."
    if len(heard) > 1:
        yield (
            f"Larger ears: for speech longer than {limits.whisper_short_seconds:g} s, where they take at most "
            f"{sizes.BEARABLE:.0%} of it longer."
        )
    else:
        yield (
            "Larger ears: not measured, as there are no two models here. Fetch whisper-tiny.en and whisper-base.en "
            "(`visavis models get`) and run this again."
        )
    if book is not None:
        share, saved = sizes.models(book)
        yield (
            f"Larger model: the small one costs {share:.0%} of the strong one's price, ${saved:.2f} less for 1,000 "
            f"turns. Asking it first pays where it can answer more than {share:.0%} of what it is asked; the router "
            "asks it for what looks easy. How long either takes, `visavis doctor` tells where they are connected."
        )


def _second_pass(measured: dict[str, float]) -> str:
    one, two = measured["align in one pass"], measured["align in two passes"]
    ours, theirs = measured["align in one pass, right"], measured["align in two passes, right"]
    pays = "no" if theirs <= ours + 5 else "where lines are rendered ahead"
    return (
        f"Second pass: {pays}. PocketSphinx's two take {two / one:.1f} times as long as our one, need the whole line "
        f"before they begin, and have the right phone {theirs:.0f} % of the time, ours {ours:.0f} % (the built-in "
        "voice; natural ones are in docs/benchmarks.md)."
    )
