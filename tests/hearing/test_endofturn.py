"""When a person is done: single cases, and the written turns with their timings."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.hearing.endofturn import LONGEST, SHORTEST, Pauses, completeness, wait
from backend.hearing.measure import measure, read

CASES = read(Path(__file__).parent / "turns.tsv")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("what does it cost", "complete"),
        ("what does it cost and", "open"),
        ("what does the error", "open"),
        ("where does it come from", "complete"),
        ("how would I connect it to", "open"),
        ("tell me about the", "open"),
        ("tell me about the cache", "complete"),
        ("if it rains", "open"),
        ("if it rains what should I do", "complete"),
        ("when was it built", "complete"),
        ("I have a problem with my printer", "statement"),
        ("Is it free?", "complete"),
        ("write a note", "unclear"),
        ("write a note about the meeting", "complete"),
        ("send an email to my landlord", "unclear"),
        ("is there a limit", "unclear"),
        ("is there a limit on the length", "complete"),
        ("what happens", "unclear"),
        ("can I change", "unclear"),
        ("what can I change", "complete"),
        ("It is free, but", "open"),
        ("yes", "complete"),
        ("um", "trailing"),
        ("I wanted to ...", "trailing"),
        ("", "trailing"),
    ],
)
def test_completeness(text: str, kind: str) -> None:
    assert completeness(text) == kind


@pytest.mark.parametrize(
    ("language", "done", "open_"),
    [
        ("de-DE", "was ist das", "was ist mit"),
        ("fr-FR", "combien ça coûte", "est ce que tu peux"),
        ("es-ES", "cuánto cuesta", "cuál es la diferencia entre"),
        ("it-IT", "quanto costa", "qual è la differenza tra"),
        ("pt-BR", "o que você pode fazer", "qual é a diferença entre"),
    ],
)
def test_other_languages(language: str, done: str, open_: str) -> None:
    assert completeness(done, language) == "complete"
    assert wait(open_, language) > 2 * wait(done, language)


def test_a_language_without_a_grammar_waits_the_middle_time() -> None:
    assert completeness("mitä tämä maksaa", "fi-FI") == "unclear"


def test_a_person_who_pauses_long_is_waited_for_longer() -> None:
    slow, quick = Pauses(), Pauses()
    for _ in range(12):
        slow.went_on(1.1)
        quick.went_on(0.25)
    text = "I have a problem"
    assert wait(text, pauses=quick) < wait(text) < wait(text, pauses=slow)
    # A complete question is answered soon even to them.
    assert wait("what is it", pauses=slow) <= 0.4


def test_being_cut_off_teaches_more_than_a_pause() -> None:
    once, cut = Pauses(), Pauses()
    for _ in range(2):
        once.went_on(1.2)
        cut.went_on(1.2, interrupted=True)
    assert cut.habit() > once.habit()


@given(st.text(max_size=200), st.sampled_from(["en", "de", "fr", "es", "it", "pt", "ja", ""]))
def test_any_text_has_a_wait_within_bounds(text: str, language: str) -> None:
    assert SHORTEST <= wait(text, language) <= LONGEST


def test_written_turns() -> None:
    """The promise: under 2 % of at least 150 turns cut off, and a far shorter wait than a fixed one as careful."""
    report = measure(CASES)
    assert len(CASES) >= 150
    assert report.cut_share < 0.02, [one.cut_at for one in report.cuts]
    as_careful = next(ms / 1000 for ms in range(300, 2_500, 50) if measure(CASES, ms / 1000).cut_share < 0.02)
    print(f"\n{report.summary()}; a fixed wait as careful takes {as_careful * 1000:.0f} ms")
    assert report.mean_wait < 0.6 * as_careful
    kinds = [one.waited for one in report.outcomes if completeness(one.case.text, one.case.language) == "complete"]
    assert min(kinds) >= 0.25
    assert max(kinds) <= 0.4
