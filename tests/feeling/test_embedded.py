"""The classifier in the repository, judged on sentences that it was not trained on."""

import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.feeling import LABELS
from backend.feeling.embedded import WEIGHTS, Embedded
from backend.feeling.measure import accuracy, calibration_error, macro_f1, read_single

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def embedded() -> Embedded:
    return Embedded()


def scored(embedded: Embedded, file: str) -> tuple[np.ndarray, np.ndarray]:
    texts, truth = read_single(HERE / file)
    scores = [[read.scores[label] for label in LABELS] for read in map(embedded.read, texts)]
    return truth, np.array(scores)


def test_goemotions(embedded: Embedded) -> None:
    truth, scores = scored(embedded, "goemotions-ekman-dev.tsv")
    assert len(truth) == 4946
    assert accuracy(truth, scores) >= 0.66
    assert macro_f1(truth, scores) >= 0.60
    assert calibration_error(truth, scores) < 0.05


@pytest.mark.parametrize(("file", "least"), [("talk.tsv", 0.9), ("unseen.tsv", 0.8)])
def test_what_assistants_and_their_users_write(embedded: Embedded, file: str, least: float) -> None:
    truth, scores = scored(embedded, file)
    assert accuracy(truth, scores) >= least
    assert macro_f1(truth, scores) >= least


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("Here is how to reset the router", "neutral"),
        ("Great question!", "joy"),
        ("I'm sorry, I don't know", "sadness"),
        ("Which of the two routers do you have?", "neutral"),
        ("WHAT?!", "surprise"),
        ("🤮", "disgust"),
        ("thanks 😊", "joy"),
        ("😡😡😡", "anger"),
    ],
)
def test_plain_cases(embedded: Embedded, text: str, label: str) -> None:
    assert embedded.read(text).label == label


@pytest.mark.parametrize(
    ("plain", "denied", "feeling"),
    [
        ("I'm happy.", "I'm not happy.", "joy"),
        ("I am very happy with it.", "I am not very happy with it.", "joy"),
        ("She is cheerful.", "She isn't cheerful.", "joy"),
        ("I love it.", "I don’t love it.", "joy"),
        ("The weather is nice.", "The weather is not nice.", "joy"),
        ("I was scared of it.", "I was never scared of it.", "fear"),
        ("We are angry.", "We aren't angry.", "anger"),
        ("That's funny.", "That's not funny.", "joy"),
    ],
)
def test_denied_feelings(embedded: Embedded, plain: str, denied: str, feeling: str) -> None:
    assert embedded.read(plain).label == feeling
    read = embedded.read(denied)
    assert read.label != feeling
    assert read.scores[feeling] < embedded.read(plain).scores[feeling] / 3


def test_a_negation_ends_with_its_clause(embedded: Embedded) -> None:
    assert embedded.read("No, I am happy.").label == "joy"


def test_typographic_quotes_read_like_typed_ones(embedded: Embedded) -> None:
    assert embedded.read("I don’t like it").scores == embedded.read("I don't like it").scores


@pytest.mark.parametrize(
    ("weak", "strong"),
    [
        ("I am a bit upset.", "I am so upset."),
        ("it arrived", "IT FINALLY ARRIVED!!!"),
        ("It arrived.", "It arrived!!!"),
    ],
)
def test_strong_words_are_less_neutral(embedded: Embedded, weak: str, strong: str) -> None:
    assert embedded.read(strong).scores["neutral"] < embedded.read(weak).scores["neutral"]


def test_stretched_words_keep_their_feeling(embedded: Embedded) -> None:
    assert embedded.read("this is goooood").label == "joy"
    assert embedded.read("soooo saaaad").label == "sadness"


@pytest.mark.parametrize("text", ["", " ", "\n\t", "\u200b", "\x00", "\ud800", "[", "½", "🏳️‍🌈", "a" * 100_000])
def test_odd_texts(embedded: Embedded, text: str) -> None:
    read = embedded.read(text)
    assert read.label in LABELS
    assert 0 <= read.confidence <= 1


@given(st.text(max_size=300))
@settings(max_examples=150, deadline=None)
def test_any_text_has_scores_that_sum_to_one(text: str) -> None:
    read = SHARED.read(text)
    if text.strip():
        assert sum(read.scores.values()) == pytest.approx(1, abs=1e-3)
        assert read.confidence == max(read.scores.values()) == read.scores[read.label]


SHARED = Embedded()


def test_time_is_bounded_whatever_the_length(embedded: Embedded) -> None:
    def least(text: str) -> float:
        times = []
        for _ in range(15):
            began = time.perf_counter()
            embedded.read(text)
            times.append(time.perf_counter() - began)
        return min(times)

    words = "I am not so sure that this will ever work. "
    assert least(words * 2500) < 8 * least(words * 13)


def test_the_weights_are_small() -> None:
    assert WEIGHTS.stat().st_size < 3_000_000


def test_it_loads_with_the_first_sentence_and_needs_numpy_alone() -> None:
    code = (
        "import sys; from backend.feeling.embedded import Embedded; e = Embedded()\n"
        "assert '_weights' not in vars(e)\n"
        "assert e.read('Great!').label == 'joy'\n"
        "assert '_weights' in vars(e)\n"
        "heavy = {'sklearn', 'scipy', 'torch', 'transformers'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
