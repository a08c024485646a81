"""How well and how fast the knowledge base finds: `python -m bench.retrieval [--model FOLDER] [--sizes]`.

The documents are Python's own language reference, which every Python carries (`pydoc_data.topics`); the questions
with the topics that answer them were written for this (`bench/data/retrieval.tsv`). The reference in the same run
is SQLite's FTS5 as it comes: porter stemmer, every word of the question, BM25.
"""

import argparse
import asyncio
import math
import random
import re
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import numpy as np

from backend.cache import Cache
from backend.knowing.chunks import Document, chunks
from backend.knowing.compact import Compact, compact
from backend.knowing.embedded import Embedded
from backend.knowing.embedders import Vectors, unit
from backend.knowing.meaning import Matrix, embed_missing, load
from backend.knowing.onnx import OnnxEmbedder
from backend.knowing.store import open_reader, open_store, put
from backend.knowing.vectors import Kept
from bench.report import table, write

QUESTIONS = Path(__file__).parent / "data" / "retrieval.tsv"
REPEATED = frozenset(["compound", "specialnames", "types"])
"""Topics that only repeat the text of others."""
DEPTH = 40

Ranking = Callable[[str], Awaitable[list[str]]]


def documents() -> list[Document]:
    from pydoc_data.topics import topics

    return [
        Document(f"python:{name}", name, text.strip().split("\n", 1)[0], text)
        for name, text in sorted(topics.items())
        if name not in REPEATED
    ]


def questions() -> list[tuple[str, frozenset[str]]]:
    lines = [line for line in QUESTIONS.read_text("utf-8").splitlines() if line and not line.startswith("#")]
    pairs = [line.split("\t") for line in lines]
    return [(question, frozenset(topics.split(",")) - REPEATED) for question, topics in pairs]


async def build(path: Path, embedder: OnnxEmbedder | None) -> None:
    connection = open_store(path)
    for document in documents():
        put(connection, document)
    if embedder:
        await embed_missing(connection, embedder)
    connection.close()


def by_meaning(path: Path, embedder: OnnxEmbedder, *, small: bool = False) -> Ranking:
    """Vectors alone, as they are or in little room."""
    reader = open_reader(path)
    matrix = load(reader, embedder.name, 0 if small else 1_000_000)
    sources = dict(reader.execute("SELECT chunks.id, source FROM chunks JOIN documents ON documents.id = document"))
    reader.close()

    def nearest(vector: Vectors) -> list[tuple[int, float]]:
        # As few candidates as a large base has, for its share: this one is small.
        return matrix.nearest(vector, DEPTH, 0) if isinstance(matrix, Compact) else matrix.nearest(vector, DEPTH)

    async def rank(question: str) -> list[str]:
        vector = await embedder.embed([question])
        return [sources[chunk] for chunk, _ in nearest(vector)]

    return rank


def plain_fts(path: Path) -> Ranking:
    """The reference: what FTS5 finds without any of our care."""
    connection = sqlite3.connect(path)
    connection.execute("CREATE VIRTUAL TABLE t USING fts5(source UNINDEXED, body, tokenize = 'porter unicode61')")
    for document in documents():
        rows = [(document.source, f"{piece.heading}\n{piece.text}") for piece in chunks(document.text)]
        connection.executemany("INSERT INTO t VALUES (?, ?)", rows)

    async def rank(question: str) -> list[str]:
        match = " OR ".join(f'"{word}"' for word in re.findall(r"\w+", question))
        rows = connection.execute(
            "SELECT source FROM t WHERE t MATCH ? ORDER BY rank LIMIT ?", (match, DEPTH)
        ).fetchall()
        return [row[0] for row in rows]

    return rank


def of(knowledge: Embedded) -> Ranking:
    async def rank(question: str) -> list[str]:
        return [passage.source for passage in await knowledge.search(question, DEPTH)]

    return rank


async def measure(rank: Ranking) -> tuple[float, float, float]:
    """nDCG@10, recall@3 (any right topic among the first three), milliseconds of CPU per question (median)."""
    gains, hits, times = [], [], []
    for question, right in questions():
        before = time.process_time()
        sources = list(dict.fromkeys(await rank(question)))
        times.append(time.process_time() - before)
        found = [1.0 / math.log2(place + 2) for place, source in enumerate(sources[:10]) if source in right]
        ideal = [1.0 / math.log2(place + 2) for place in range(min(10, len(right)))]
        gains.append(sum(found) / sum(ideal))
        hits.append(any(source in right for source in sources[:3]))
    return statistics.mean(gains), statistics.mean(hits), statistics.median(times) * 1000


async def sizes(folder: Path, counts: Sequence[int]) -> list[list[str]]:
    """Milliseconds of CPU per question over bases of *counts* chunks, made of the reference's sentences, shuffled."""
    sentences = [s.strip() for d in documents() for s in re.split(r"(?<=[.!?])\s+", d.text) if 30 < len(s) < 300]
    draw = random.Random(7)
    rows = []
    for count in counts:
        path = folder / f"{count}.sqlite"
        connection = open_store(path)
        paragraphs = [" ".join(draw.choices(sentences, k=5)) for _ in range(count)]
        for start in range(0, count, 1000):
            part = enumerate(paragraphs[start : start + 1000], start)
            text = "\n\n".join(f"## Part {number}\n\n{body}" for number, body in part)
            put(connection, Document(f"d{start}", f"d{start}", f"Book {start}", text))
        held = connection.execute("SELECT count(*) FROM chunks").fetchone()[0]
        connection.close()
        knowledge = Embedded(path)
        times = []
        for question, _ in questions()[:60]:
            before = time.process_time()
            await knowledge.search(question)
            times.append((time.process_time() - before) * 1000)
        await knowledge.aclose()
        matrix = Matrix(np.arange(held), unit(np.random.default_rng(7).normal(size=(held, 384)).astype(np.float32)))
        exact, small = compared(matrix, matrix), compared(matrix, compact(matrix.chunks, matrix.rows))
        times.sort()
        figures = [times[len(times) // 2], times[-4], exact, small, exact / small]
        rows.append([f"{held:,}", *(f"{figure:.2g}" if figure < 1 else f"{figure:.1f}" for figure in figures)])
    return rows


def compared(matrix: Matrix, index: Matrix | Compact) -> float:
    """Milliseconds of CPU that *index* takes for the nearest to a row of *matrix*: the median of 41."""
    times = []
    for row in matrix.rows[:42]:
        before = time.process_time()
        index.nearest(row, DEPTH)
        times.append(time.process_time() - before)
    return statistics.median(times[1:]) * 1000


async def run(model: Path | None, counts: Sequence[int]) -> str:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        embedder = OnnxEmbedder(model) if model else None
        store = folder / "store.sqlite"
        await build(store, embedder)
        words = Embedded(store)
        ways = {"FTS5 as it comes (reference)": plain_fts(folder / "plain.sqlite"), "by words": of(words)}
        if embedder:
            both = Embedded(store, Kept(embedder, Cache([])))
            ways |= {
                f"by vectors ({embedder.name})": by_meaning(store, embedder),
                "by the same in little room": by_meaning(store, embedder, small=True),
                "both, fused": of(both),
            }
        rows = []
        for label, rank in ways.items():
            gain, recall, took = await measure(rank)
            rows.append([label, f"{gain:.3f}", f"{recall:.3f}", f"{took:.1f}"])
        await words.aclose()
        if embedder:
            await both.aclose()
            await embedder.aclose()
        text = (
            f"## Retrieval\n\n{len(questions())} questions over {len(documents())} topics of Python's language "
            "reference: the right topic has to come up.\n\n"
        ) + table(["", "nDCG@10", "recall@3", "CPU ms a question (median)"], rows)
        if counts:
            head = [
                "chunks",
                "by words, median CPU ms",
                "p95",
                "384-dimensional vectors",
                "the same in little room",
                "ratio",
            ]
            text += "\n\n" + table(head, await sizes(folder, counts))
        return text


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, help="a folder with model.onnx and tokenizer.json")
    parser.add_argument("--sizes", type=int, nargs="*", default=[1_000, 10_000, 50_000, 100_000])
    options, _ = parser.parse_known_args()
    text = asyncio.run(run(options.model, options.sizes))
    print(text)
    write("retrieval", text)


if __name__ == "__main__":
    main()
