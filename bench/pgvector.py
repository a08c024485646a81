"""The knowledge base in PostgreSQL beside the one in a file: `python -m bench.pgvector [--model FOLDER]`.

The same questions over the same documents as `bench.retrieval`, by a PostgreSQL on this machine. Lakebase is a network
away: each question takes several round trips more than what is shown here.
"""

import argparse
import asyncio
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from backend.cache import Cache
from backend.keeping.engine import make_engine
from backend.knowing import Knowledge
from backend.knowing.embedded import Embedded
from backend.knowing.ingest import learn_and_embed
from backend.knowing.onnx import OnnxEmbedder
from backend.knowing.pgstore import learn_to_postgres
from backend.knowing.pgvector import PgVector
from backend.knowing.vectors import Kept
from bench.report import table, write
from bench.retrieval import DEPTH, Ranking, documents, measure, questions
from tests.services import running_postgres


def rank_of(knowledge: Knowledge) -> Ranking:
    async def rank(question: str) -> list[str]:
        return [Path(passage.source).stem for passage in await knowledge.search(question, DEPTH)]

    return rank


async def run(url: str, model: Path | None, folder: Path) -> list[list[str]]:
    for document in documents():
        (folder / f"{document.source}.md").write_text(document.text, "utf-8")
    embedder = Kept(OnnxEmbedder(model), Cache([])) if model else None
    engine = make_engine(url, None)

    async def connect() -> Any:
        return engine

    ways: Sequence[tuple[str, Kept | None]] = [("by words", None), *([("both", embedder)] if embedder else [])]
    rows = []
    for label, by in ways:
        store = folder.parent / f"{label}.sqlite"
        await learn_and_embed(store, [folder], by)
        await learn_to_postgres(connect, [folder], by)
        here, there = Embedded(store, by), PgVector(connect, by)
        for name, knowledge in (("a file", here), ("PostgreSQL", there)):
            gain, recall, took = await measure(rank_of(knowledge))
            rows.append([f"{label}, {name}", f"{gain:.3f}", f"{recall:.3f}", f"{took:.1f}"])
        await here.aclose()
    if embedder:
        await embedder.aclose()
    await engine.dispose()
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, help="a folder with model.onnx and tokenizer.json")
    options, _ = parser.parse_known_args()
    with running_postgres(vectors=True) as url, tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "reference"
        folder.mkdir()
        rows = asyncio.run(run(url, options.model, folder))
    head = ["", "nDCG@10", "recall@3", "our own CPU ms a question (median)"]
    text = f"## Retrieval from PostgreSQL\n\nThe same {len(questions())} questions as above.\n\n" + table(head, rows)
    print(text)
    write("pgvector", text)


if __name__ == "__main__":
    main()
