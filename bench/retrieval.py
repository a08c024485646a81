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

from backend.knowing.chunks import Document, chunks
from backend.knowing.embedded import Embedded
from backend.knowing.meaning import embed_missing, load, nearest
from backend.knowing.onnx import OnnxEmbedder
from backend.knowing.store import open_reader, open_store, put

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


def by_meaning(path: Path, embedder: OnnxEmbedder) -> Ranking:
    """Vectors alone."""
    reader = open_reader(path)
    matrix = load(reader, embedder.name)
    sources = dict(reader.execute("SELECT chunks.id, source FROM chunks JOIN documents ON documents.id = document"))
    reader.close()

    async def rank(question: str) -> list[str]:
        vector = await embedder.embed([question])
        return [sources[chunk] for chunk, _ in nearest(matrix, vector, DEPTH)]

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
    """nDCG@10, recall@3 (any right topic among the first three), milliseconds per question (median)."""
    gains, hits, times = [], [], []
    for question, right in questions():
        before = time.perf_counter()
        sources = list(dict.fromkeys(await rank(question)))
        times.append(time.perf_counter() - before)
        found = [1.0 / math.log2(place + 2) for place, source in enumerate(sources[:10]) if source in right]
        ideal = [1.0 / math.log2(place + 2) for place in range(min(10, len(right)))]
        gains.append(sum(found) / sum(ideal))
        hits.append(any(source in right for source in sources[:3]))
    return statistics.mean(gains), statistics.mean(hits), statistics.median(times) * 1000


async def sizes(folder: Path, counts: Sequence[int], dimensions: int = 0) -> None:
    """Milliseconds per question over bases of *counts* chunks, made of the reference's sentences, shuffled."""
    sentences = [s.strip() for d in documents() for s in re.split(r"(?<=[.!?])\s+", d.text) if 30 < len(s) < 300]
    draw = random.Random(7)
    for count in counts:
        path = folder / f"{count}.sqlite"
        connection = open_store(path)
        paragraphs = [" ".join(draw.choices(sentences, k=5)) for _ in range(count)]
        for start in range(0, count, 1000):
            text = "\n\n".join(
                f"## Part {start + n}\n\n{body}" for n, body in enumerate(paragraphs[start : start + 1000])
            )
            put(connection, Document(f"d{start}", f"d{start}", f"Book {start}", text))
        held = connection.execute("SELECT count(*) FROM chunks").fetchone()[0]
        connection.close()
        knowledge = Embedded(path)
        times = []
        for question, _ in questions()[:60]:
            before = time.perf_counter()
            await knowledge.search(question)
            times.append(time.perf_counter() - before)
        await knowledge.aclose()
        median, worst = statistics.median(times) * 1000, max(times) * 1000
        print(f"| {held:,} chunks | {median:.1f} ms | {worst:.1f} ms |")


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, help="a folder with model.onnx and tokenizer.json")
    parser.add_argument("--sizes", type=int, nargs="*", default=[])
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        embedder = OnnxEmbedder(options.model) if options.model else None
        store = folder / "store.sqlite"
        await build(store, embedder)
        words = Embedded(store)
        ways = {"FTS5 as it comes": plain_fts(folder / "plain.sqlite"), "words": of(words)}
        if embedder:
            both = Embedded(store, embedder)
            ways |= {f"vectors ({embedder.name})": by_meaning(store, embedder), "words and vectors, fused": of(both)}
        print(f"{len(questions())} questions over {len(documents())} documents\n")
        print("| | nDCG@10 | recall@3 | ms a question |\n|---|---|---|---|")
        for label, rank in ways.items():
            gain, recall, took = await measure(rank)
            print(f"| {label} | {gain:.3f} | {recall:.3f} | {took:.1f} |")
        await words.aclose()
        if embedder:
            await both.aclose()
            await embedder.aclose()
        if options.sizes:
            print("\n| size | median | worst |\n|---|---|---|")
            await sizes(folder, options.sizes)


if __name__ == "__main__":
    asyncio.run(main())
