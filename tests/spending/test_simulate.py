"""The simulated month: the same again from the same seed, right answers only, and every lever does what it says."""

import asyncio
from collections import Counter

import pytest

from backend.simulating.month import Levers, Month
from backend.simulating.table import RUNS, chart, simulate, text
from backend.simulating.traffic import PROFILES, Profile, meaning, month
from backend.spending.calculator import PLAN_MODEL, SMALL_MODEL
from backend.spending.prices import open_book

BOOK = open_book()


def run(levers: Levers, profile: str = "support", days: int = 1) -> Month:
    one = Month(levers, BOOK, SMALL_MODEL, PLAN_MODEL)
    asyncio.run(one.run(month(PROFILES[profile], days, 3)))
    return one


@pytest.mark.parametrize("profile", PROFILES.values(), ids=list(PROFILES))
def test_traffic_is_what_its_profile_says(profile: Profile) -> None:
    turns = month(profile, 7, 5)
    assert turns == month(profile, 7, 5) != month(profile, 7, 6)
    assert [turn.at for turn in turns] == sorted(turn.at for turn in turns)
    kinds = Counter(turn.kind for turn in turns)
    assert abs(kinds["talk"] / len(turns) - profile.talk) < 0.08
    assert abs(sum(turn.seconds > 0 for turn in turns) / len(turns) - profile.spoken) < 0.08
    wordings = Counter[str]()
    for text_ in {turn.text for turn in turns if turn.kind == "question"}:
        wordings.update({meaning(turn) for turn in turns if turn.text == text_ and turn.kind == "question"})
    assert max(wordings.values()) > 2, "people ask for the same in several ways"
    asked = {(turn.text.lower(), meaning(turn)) for turn in turns if turn.kind == "question"}
    assert len({words for words, _ in asked}) == len(asked), "the same words never mean two things"


def test_the_cache_gives_right_answers_and_the_check_would_notice_wrong_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    levers = Levers(diet=True, exact=True, semantic=True)
    good = run(levers).outcome
    assert good.answered["cache"] > 20 and good.wrong == 0
    monkeypatch.setattr("backend.answers.plain", lambda question: question.rpartition("the ")[2][:12])
    assert run(levers).outcome.wrong > 5


def test_every_lever_does_what_it_says() -> None:
    by_name = {name: run(levers).outcome for name, levers in RUNS}
    naive = by_name["Naive"]
    assert naive.answered == {PLAN_MODEL: naive.totals.turns}
    for name in ("Prompt diet", "Router", "Exact cache", "Semantic cache"):
        assert by_name[name].per_thousand < naive.per_thousand, name
    assert by_name["Semantic cache"].answered["cache"] > by_name["Exact cache"].answered["cache"]
    assert all(outcome.wrong == 0 for outcome in by_name.values())
    assert by_name["Rendered lines"].per_thousand == naive.per_thousand
    assert by_name["Rendered lines"].spoken <= naive.spoken
    assert by_name["All but speculation"].spoken < by_name["Prompt diet"].spoken, "cached answers are rendered once"
    assert by_name["Silence cut"].heard < naive.heard
    assert by_name["Speculation"].per_thousand > naive.per_thousand
    everything = by_name["All but speculation"]
    assert everything.per_thousand < 0.2 * naive.per_thousand and everything.wrong == 0
    assert {PLAN_MODEL, SMALL_MODEL, "offline", "cache"} <= set(everything.answered)


def test_savings_add_up_to_the_naive_bill() -> None:
    """What the exact cache says it saved is what the naive program would have paid for those turns."""
    cached = run(Levers(exact=True)).outcome
    naive = run(Levers()).outcome
    assert cached.totals.nano < naive.totals.nano
    # The history of a conversation is the same in both, so are the prompts of turns that reach the model; those that
    # were answered from the cache are valued at what the first asking took, with its own history.
    assert cached.totals.nano + cached.totals.saved == pytest.approx(naive.totals.nano, rel=0.1)


def test_the_table_and_the_chart() -> None:
    result = simulate("kiosk", 1, 2, BOOK, (SMALL_MODEL, PLAN_MODEL), told=lambda name: None)
    again = simulate("kiosk", 1, 2, BOOK, (SMALL_MODEL, PLAN_MODEL), told=lambda name: None)
    assert result == again
    told = text(result)
    assert told.count("\n|") == len(RUNS) + 2
    pays, idle, costs, wrong = told.splitlines()[-4:]
    assert "router" in pays and "prompt diet" in pays and "speculation" not in pays
    assert "rendered lines and silence cut" in idle
    assert "speculation" in costs and wrong.endswith(": 0.")
    assert chart(result).count("<rect") == len(RUNS) + 1
