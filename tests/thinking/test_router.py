import hashlib
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.thinking.router import Router, Weights, calibrate, evaluate, features, read_labelled

LABELLED = read_labelled((Path(__file__).parents[2] / "bench" / "data" / "router.tsv").read_text("utf-8"))


def test_the_labelled_set_is_large_and_varied() -> None:
    assert len(LABELLED) >= 200
    assert len({one.question for one in LABELLED}) == len(LABELLED)
    assert {one.rung for one in LABELLED} == {"canned", "small", "strong"}


def test_questions_it_was_not_calibrated_on() -> None:
    """In five parts: weights from four, judged on the fifth."""
    reports = []
    for part in range(5):
        seen = [one for index, one in enumerate(LABELLED) if index % 5 != part]
        unseen = [one for index, one in enumerate(LABELLED) if index % 5 == part]
        reports.append(evaluate(Router(calibrate(seen, rounds=150)), unseen))
    count = sum(report.count for report in reports)
    assert sum(report.right for report in reports) / count > 0.8
    assert sum(report.too_weak for report in reports) / count < 0.1


def test_the_built_in_weights_are_those_of_the_set() -> None:
    assert evaluate(Router(), LABELLED) == evaluate(Router(calibrate(LABELLED)), LABELLED)


def test_small_talk_needs_no_model_and_depth_the_strong_one() -> None:
    router = Router()
    assert router.choose("Hello, how are you?").rung == "canned"
    assert router.choose("Which port is it?", 0.9).rung == "small"
    assert router.choose("Which port is it?", 0.9, in_depth=True).rung == "strong"


def test_the_choice_is_explained() -> None:
    choice = Router().choose("Explain step by step why the cache is faster and what it costs us")
    assert choice.rung == "strong"
    assert "depth" in choice.why or "reasons" in choice.why or "length" in choice.why


def test_passages_found_make_it_easier() -> None:
    router = Router()
    question = "Why is the canteen closed on the second Friday of the month?"
    assert router.choose(question, 1.0).score < router.choose(question, 0.0).score


@given(st.text(max_size=3000), st.floats(0, 1), st.booleans())
def test_any_text_gets_a_rung(text: str, confidence: float, in_depth: bool) -> None:
    choice = Router().choose(text, confidence, in_depth=in_depth)
    assert choice.rung in ("canned", "small", "strong")
    assert 0 <= choice.score <= 1
    assert all(0 <= value <= 2 for value in features(text, confidence, in_depth=in_depth).values())


def test_it_is_cheap_beside_hashing_a_long_document() -> None:
    router = Router()
    questions = [one.question for one in LABELLED]
    router.choose(questions[0])
    before = time.process_time()
    for question in questions:
        router.choose(question, 0.5)
    took = (time.process_time() - before) / len(questions)
    # The reference in the same run: hashing a long text, as a cache of answers does.
    document = ("word " * 200_000).encode()
    before = time.process_time()
    for _ in range(20):
        hashlib.sha256(document).digest()
    assert took < (time.process_time() - before) / 20


def test_weights_are_kept(tmp_path: Path) -> None:
    weights = calibrate(LABELLED, rounds=20)
    weights.save(tmp_path / "w.json")
    again = Weights.of_file(tmp_path / "w.json")
    assert evaluate(Router(again), LABELLED).right == evaluate(Router(weights), LABELLED).right
    (tmp_path / "bad.json").write_text("{}")
    with pytest.raises(ValueError, match="weights"):
        Weights.of_file(tmp_path / "bad.json")


@pytest.mark.parametrize("line", ["huge\t0\tWhat?", "small\tx\tWhat?", "small\t0\t", "small"])
def test_a_wrong_line_is_named(line: str) -> None:
    with pytest.raises(ValueError, match="line 2"):
        read_labelled("# comment\n" + line)


def test_one_sided_examples_are_refused() -> None:
    with pytest.raises(ValueError, match="for the small"):
        calibrate([one for one in LABELLED if one.rung == "small"])
