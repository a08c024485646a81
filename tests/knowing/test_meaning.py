import json
import math
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from aiohttp import web

from backend.cache import Cache
from backend.cache.memory import Memory
from backend.fallback import EngineError
from backend.knowing.embedded import Embedded
from backend.knowing.embedders import Embedder, RemoteEmbedder, Vectors, unit
from backend.knowing.ingest import learn_and_embed
from backend.knowing.meaning import Matrix, fuse, nearest
from backend.knowing.onnx import OnnxEmbedder, fetch
from backend.knowing.query import Hit
from backend.knowing.vectors import Kept
from bench import bert
from tests.fakes.chat import ChatFake, Failure
from tests.fakes.host import Fake

CONFIG = {"num_attention_heads": 2, "layer_norm_eps": 1e-12, "hidden_size": 8, "num_hidden_layers": 2}
WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "roses", "want", "sun", "the", "lawn", "mow"]


def keeping(embedder: Embedder) -> Kept:
    return Kept(embedder, Cache([Memory(1_000_000)]))


class Groups:
    """An embedder that knows which words mean the same."""

    name = "groups"
    least = 0.2

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.fails = False

    async def embed(self, texts: Sequence[str]) -> Vectors:
        if self.fails:
            raise EngineError("The embedding model cannot be reached.")
        self.asked += texts
        groups = (("router", "modem", "wlan", "internet"), ("rose", "flower", "blossom"), ("boiler", "heating", "warm"))
        rows = [[1e-3 + sum(word in text.lower() for word in group) for group in groups] for text in texts]
        return unit(np.asarray(rows, np.float32))


async def test_what_is_meant_is_found_without_its_words(folder: Path, tmp_path: Path) -> None:
    embedder = Groups()
    store = tmp_path / "s.sqlite"
    report = await learn_and_embed(store, [folder], embedder)
    assert report.embedded == len(embedder.asked) > 4
    words, both = Embedded(store), Embedded(store, keeping(embedder))
    assert await words.search("blossom") == []
    found = await both.search("blossom")
    assert "Roses" in found[0].text
    assert found[0].score > 0.5
    assert (await both.search("E42"))[0].heading.endswith("Errors")
    await words.aclose()
    await both.aclose()


async def test_only_what_is_new_gets_a_vector(folder: Path, tmp_path: Path) -> None:
    embedder = Groups()
    store = tmp_path / "s.sqlite"
    await learn_and_embed(store, [folder], embedder)
    before = len(embedder.asked)
    (folder / "garden.txt").write_text((folder / "garden.txt").read_text() + "\nWater\n-----\n\nRain is free.\n")
    report = await learn_and_embed(store, [folder], embedder)
    assert report.embedded == len(embedder.asked) - before == 1


async def test_the_same_question_is_embedded_once(folder: Path, tmp_path: Path) -> None:
    embedder = Groups()
    await learn_and_embed(tmp_path / "s.sqlite", [folder], embedder)
    knowledge = Embedded(tmp_path / "s.sqlite", keeping(embedder))
    before = len(embedder.asked)
    import asyncio

    await asyncio.gather(*(knowledge.search("modem") for _ in range(20)))
    assert len(embedder.asked) == before + 1
    await knowledge.aclose()


async def test_words_do_when_the_embedder_fails(folder: Path, tmp_path: Path) -> None:
    embedder = Groups()
    await learn_and_embed(tmp_path / "s.sqlite", [folder], embedder)
    knowledge = Embedded(tmp_path / "s.sqlite", keeping(embedder))
    embedder.fails = True
    assert (await knowledge.search("watering roses"))[0].text
    assert knowledge.embedder is not None and knowledge.embedder.trouble is not None
    assert knowledge.name == "embedded"
    embedder.fails = False
    await knowledge.search("blossom")
    assert knowledge.embedder.trouble is None
    assert knowledge.name == "embedded+vectors"
    await knowledge.aclose()


def test_nearest_and_fusion() -> None:
    matrix = Matrix(np.asarray([7, 8, 9]), np.asarray([[1, 0], [0.6, 0.8], [0, 1]], np.float32))
    found = nearest(matrix, np.asarray([1, 0], np.float32), 2)
    assert [chunk for chunk, _ in found] == [7, 8]
    fused = fuse([Hit(9, 5.0, 0.9), Hit(8, 4.0, 0.4)], found, least=0.2)
    assert fused[0].chunk == 8  # second in both beats first in one
    assert {hit.chunk: round(hit.coverage, 2) for hit in fused} == {8: 0.8, 9: 0.9, 7: 1.0}
    assert nearest(matrix, np.asarray([1, 0, 0], np.float32), 2) == []


# Remote embedders


@pytest.fixture
async def chat() -> AsyncIterator[ChatFake]:
    async with ChatFake() as chat:
        yield chat


async def test_remote_vectors(chat: ChatFake) -> None:
    async def headers() -> dict[str, str]:
        return {"Authorization": "Bearer k"}

    embedder = RemoteEmbedder(chat.url, "fake-embed", headers)
    rows = await embedder.embed(["roses want sun"] * 70 + ["the router is off"])
    assert rows.shape == (71, 64)
    assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
    assert rows[0] @ rows[1] > 0.99
    assert len(chat.requests) == 2
    await embedder.aclose()


@pytest.mark.parametrize(("kind", "said"), [("429", "busy"), ("500", "problem"), ("401", "key")])
async def test_remote_failures(chat: ChatFake, kind: str, said: str) -> None:
    chat.failures.append(Failure(kind))  # type: ignore[arg-type]
    embedder = RemoteEmbedder(chat.url, "fake-embed")
    with pytest.raises(EngineError, match=said):
        await embedder.embed(["x"])
    await embedder.aclose()


async def test_remote_nobody_there() -> None:
    embedder = RemoteEmbedder("http://127.0.0.1:9/v1", "m")
    with pytest.raises(EngineError, match="reached"):
        await embedder.embed(["x"])
    await embedder.aclose()


# Local embedders


def tiny(folder: Path) -> dict[str, np.ndarray]:
    """A little BERT with random weights, exported to *folder*."""
    import onnx
    from tokenizers import Tokenizer, models, pre_tokenizers, processors

    draw = np.random.default_rng(5)

    def array(*shape: int) -> np.ndarray:
        return draw.normal(0, 0.5, shape).astype(np.float32)

    weights = {
        "embeddings.word_embeddings.weight": array(len(WORDS), 8),
        "embeddings.token_type_embeddings.weight": array(2, 8),
        "embeddings.position_embeddings.weight": array(300, 8),
    }
    norms, denses = ["embeddings.LayerNorm"], {}
    for layer in range(2):
        base = f"encoder.layer.{layer}"
        norms += [f"{base}.attention.output.LayerNorm", f"{base}.output.LayerNorm"]
        denses |= {f"{base}.attention.self.{part}": (8, 8) for part in ("query", "key", "value")}
        denses |= {f"{base}.attention.output.dense": (8, 8), f"{base}.intermediate.dense": (16, 8)}
        denses |= {f"{base}.output.dense": (8, 16)}
    for name in norms:
        weights |= {f"{name}.weight": array(8) + 1, f"{name}.bias": array(8)}
    for name, shape in denses.items():
        weights |= {f"{name}.weight": array(*shape), f"{name}.bias": array(shape[0])}
    folder.mkdir(parents=True, exist_ok=True)
    onnx.save(bert.export(weights, CONFIG), str(folder / "model.onnx"))
    tokenizer = Tokenizer(models.WordLevel({word: n for n, word in enumerate(WORDS)}, "[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing("[CLS] $A [SEP]", None, [("[CLS]", 2), ("[SEP]", 3)])
    tokenizer.save(str(folder / "tokenizer.json"))
    return weights


def by_hand(weights: dict[str, np.ndarray], ids: list[int]) -> np.ndarray:
    """The same encoder in numpy, for one text, mean pooled: the reference."""

    def dense(x: np.ndarray, name: str) -> np.ndarray:
        return x @ weights[f"{name}.weight"].T + weights[f"{name}.bias"]

    def norm(x: np.ndarray, name: str) -> np.ndarray:
        x = (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 1e-12)
        return x * weights[f"{name}.weight"] + weights[f"{name}.bias"]

    table = "embeddings.{}_embeddings.weight"
    x = weights[table.format("word")][ids] + weights[table.format("token_type")][0]
    x = norm(x + weights[table.format("position")][: len(ids)], "embeddings.LayerNorm")
    for layer in range(2):
        base = f"encoder.layer.{layer}"
        q, k, v = (dense(x, f"{base}.attention.self.{part}") for part in ("query", "key", "value"))
        heads = []
        for part in (slice(0, 4), slice(4, 8)):
            scores = q[:, part] @ k[:, part].T / 2.0
            scores = np.exp(scores - scores.max(-1, keepdims=True))
            heads.append(scores / scores.sum(-1, keepdims=True) @ v[:, part])
        out = f"{base}.attention.output"
        x = norm(dense(np.concatenate(heads, -1), f"{out}.dense") + x, f"{out}.LayerNorm")
        wide = dense(x, f"{base}.intermediate.dense")
        wide = wide * 0.5 * (1 + np.vectorize(math.erf)(wide / math.sqrt(2)))
        x = norm(dense(wide, f"{base}.output.dense") + x, f"{base}.output.LayerNorm")
    mean = x.mean(0)
    return mean / np.linalg.norm(mean)


async def test_local_vectors_are_those_of_the_model(tmp_path: Path) -> None:
    weights = tiny(tmp_path / "model")
    embedder = OnnxEmbedder(tmp_path / "model")
    rows = await embedder.embed(["roses want sun", "mow the lawn the lawn the lawn"])
    assert np.allclose(rows[0], by_hand(weights, [2, 4, 5, 6, 3]), atol=1e-5)
    assert np.allclose(rows[1], by_hand(weights, [2, 9, 7, 8, 7, 8, 7, 8, 3]), atol=1e-5)
    assert embedder.name == "onnx:model"
    await embedder.aclose()


async def test_an_incomplete_folder_is_said(tmp_path: Path) -> None:
    embedder = OnnxEmbedder(tmp_path)
    with pytest.raises(EngineError) as caught:
        await embedder.prepare()
    assert "tokenizer.json" in caught.value.remedy
    await embedder.aclose()


class Hub(Fake):
    """Where models are downloaded from."""

    asked = 0

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/sentence-transformers/tiny/resolve/main/{file:.*}", self._file)]

    async def _file(self, request: web.Request) -> web.Response:
        self.asked += 1
        return web.Response(body=json.dumps({"file": request.match_info["file"]}).encode())


async def test_models_are_fetched_once(tmp_path: Path) -> None:
    async with Hub() as hub:
        folder = await fetch("tiny", tmp_path, hub.url)
        assert (folder / "onnx" / "model.onnx").is_file()
        assert await fetch("tiny", tmp_path, hub.url) == folder
        assert hub.asked == 2
        with pytest.raises(EngineError, match="no such model"):
            await fetch("other/none", tmp_path, hub.url)
    with pytest.raises(EngineError, match="cannot be reached"):
        await fetch("more", tmp_path, "http://127.0.0.1:9")
