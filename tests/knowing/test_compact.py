"""Vectors in little room find what whole ones find."""

import json
from pathlib import Path

import numpy as np
import pytest

from backend.knowing.compact import BATCH, Compact, compact
from backend.knowing.embedders import Vectors, unit
from backend.knowing.ingest import learn_and_embed
from backend.knowing.meaning import Matrix, load
from backend.knowing.store import open_reader
from tests.knowing.test_meaning import Groups


def topics(count: int, dimensions: int = 384) -> tuple[Vectors, Vectors]:
    """Vectors as texts have them, in neighbourhoods; and questions beside some of them."""
    draw = np.random.default_rng(3)
    middles = draw.normal(size=(100, dimensions))
    rows = middles[draw.integers(0, 100, count)] + 0.8 * draw.normal(size=(count, dimensions))
    asked = rows[:50] + 0.5 * draw.normal(size=(50, dimensions))
    return unit(rows.astype(np.float32)), unit(asked.astype(np.float32))


def test_the_nearest_are_found_with_their_cosines() -> None:
    rows, asked = topics(5_000)
    numbers = np.arange(len(rows)) + 1_000
    exact, small = Matrix(numbers, rows), compact(numbers, rows)
    found = missed = 0
    for question in asked:
        true, other = exact.nearest(question, 4), dict(small.nearest(question, 40, 0))
        assert true[0][0] in other, "the nearest is never missed"
        found += sum(chunk in other for chunk, _ in true)
        missed += sum(chunk not in other for chunk, _ in true)
        assert all(abs(other[chunk] - cosine) < 0.01 for chunk, cosine in true if chunk in other)
    assert found / (found + missed) > 0.97


def test_it_takes_little_room() -> None:
    rows, _ = topics(1_000)
    small = compact(np.arange(1_000), rows)
    assert sum(part.nbytes for part in (small.chunks, small.signs, small.small, small.scale)) < rows.nbytes / 3


@pytest.mark.parametrize("dimensions", [3, 64, 100])
def test_any_number_of_dimensions_and_chunks(dimensions: int) -> None:
    rows, asked = topics(120, dimensions)
    small = compact(np.arange(120), rows)
    assert len(small.nearest(asked[0], 500)) == 120
    assert small.nearest(np.zeros(7, np.float32), 4) == [], "another model's"
    assert compact(np.arange(1), np.zeros((1, dimensions), np.float32)).nearest(asked[0], 4)[0][0] == 0


async def test_a_large_base_is_read_so(folder: Path, tmp_path: Path) -> None:
    await learn_and_embed(tmp_path / "s.sqlite", [folder], Groups())
    reader = open_reader(tmp_path / "s.sqlite")
    whole, small = load(reader, "groups"), load(reader, "groups", exact=3)
    empty = load(reader, "another", exact=3)
    reader.close()
    assert isinstance(whole, Matrix) and isinstance(small, Compact) and BATCH > 0
    assert empty.nearest(np.zeros(3, np.float32), 4) == []
    question = (await Groups().embed(["modem"]))[0]
    assert [chunk for chunk, _ in small.nearest(question, 1)] == [chunk for chunk, _ in whole.nearest(question, 1)]
    assert json.dumps(small.nearest(question, 1)), "plain numbers"
