"""Tokens are counted by a model's own tokenizer, or estimated; never far too few."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.engines import count_by
from backend.fallback import EngineError
from backend.thinking import Excerpt, Message, Prompt
from backend.thinking.prompt import Prompter
from backend.thinking.tokens import count_tokens, cut_to_tokens, estimate, use
from bench.tokens import texts


@pytest.mark.parametrize("kind", texts())
def test_the_estimate_is_never_far_too_low(kind: str) -> None:
    new, old, text = texts()[kind]
    assert estimate(text) >= 0.85 * new, "against o200k_base, 200,000 tokens"
    assert estimate(text) >= 0.70 * old, "against cl100k_base, 100,000 tokens"
    assert estimate(text) <= 3 * new, "nor uselessly high"


def test_the_texts_are_varied() -> None:
    kinds = texts()
    assert len(kinds) >= 40 and sum(not text.isascii() for _, _, text in kinds.values()) >= 20


@given(st.text(max_size=400), st.integers(1, 60))
def test_a_cut_text_fits(text: str, most: int) -> None:
    cut = cut_to_tokens(text, most)
    assert count_tokens(cut) <= most and text.startswith(cut)


def test_a_megabyte_is_not_counted() -> None:
    assert count_tokens(cut_to_tokens("wörter und 123 " * 100_000, 50)) <= 50


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A byte-level BPE as models have it, trained on our own documents."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=2_000, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False
    )
    documents = Path(__file__).parents[2] / "docs"
    tokenizer.train([str(file) for file in sorted(documents.glob("*.md"))], trainer)
    tokenizer.enable_truncation(8)  # as files on the hub do: it is not for us
    folder = tmp_path_factory.mktemp("model")
    tokenizer.save(str(folder / "tokenizer.json"))
    return folder


@pytest.fixture
def counted(folder: Path) -> Iterator[None]:
    use(folder)
    yield
    use(None)


@pytest.mark.usefixtures("counted")
def test_a_tokenizer_of_the_model_s_own_counts(folder: Path) -> None:
    from tokenizers import Tokenizer

    own = Tokenizer.from_file(str(folder / "tokenizer.json"))
    own.no_truncation()
    for _, _, text in texts().values():
        assert count_tokens(text) == len(own.encode(text).ids)
        assert own.encode(cut_to_tokens(text, 20)).ids.__len__() <= 20


@pytest.mark.usefixtures("counted")
def test_the_prompt_keeps_its_budgets_by_it() -> None:
    prompter = Prompter("You are Visavis.", examples=())
    long = "Das ist ein ziemlich langer Satz über die Küchenlampe. " * 200
    prompt = Prompt(
        long, tuple(Message("user", long[:900]) for _ in range(20)), (Excerpt("T", long, "t.md", 0.9),) * 4, "de-AT"
    )
    messages = prompter.messages(prompt)
    budget = prompter.budget
    told = sum(count_tokens(message["content"]) for message in messages[1:-1])
    assert told <= budget.history
    most = budget.excerpts + budget.question + 200  # fences and titles
    assert budget.question / 2 < count_tokens(messages[-1]["content"]) <= most


@pytest.mark.parametrize("content", [None, "{}", "no json"])
async def test_a_file_that_is_none_is_told_and_the_estimate_serves(
    tmp_path: Path, content: str | None, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "tokenizer.json"
    if content is not None:
        file.write_text(content)
    with pytest.raises(EngineError, match="cannot be read"):
        use(tmp_path)
    await count_by(file)
    assert "tokens are estimated" in caplog.text
    assert count_tokens("Hello there") == estimate("Hello there") == 2
