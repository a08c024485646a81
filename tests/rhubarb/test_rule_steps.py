"""Each step of the rules by itself."""

from rhubarb.rules import draw
from rhubarb.rules.allowed import ANY, OPEN, Timed, rules
from rhubarb.rules.neighbours import pairs, triples
from rhubarb.rules.pauses import pause_shape, pauses
from rhubarb.rules.rough import closest, relax, rough
from rhubarb.rules.static import static_runs, vary
from rhubarb.rules.timing import optimize
from rhubarb.rules.track import Rule, Run, overwrite, runs
from rhubarb.rules.tweens import tween, tweens


def shapes(*phones: Timed) -> list[tuple[int, int, str]]:
    return [(rule.start, rule.end, rule.shapes) for rule in rules(phones, 0, phones[-1].end)]


def vowel(start: int, end: int, allowed: str) -> Rule:
    return Rule(start, end, allowed, True, start, end)


# Tracks


def test_runs_and_overwriting() -> None:
    assert list(runs("AABX", 10)) == [Run(10, 12, "A"), Run(12, 13, "B"), Run(13, 14, "X")]
    assert list(runs("")) == []
    assert overwrite("AAAAA", 1, 3, "B") == "ABBAA"


# Step 1: allowed shapes


def test_length_decides() -> None:
    assert shapes(Timed(0, 5, "AH")) == [(0, 5, "BC")]
    assert shapes(Timed(0, 6, "AH")) == [(0, 6, "C")]
    assert shapes(Timed(0, 20, "AH")) == [(0, 20, "D")]
    assert shapes(Timed(0, 6, "ER")) == [(0, 6, "BC")]
    assert shapes(Timed(0, 7, "ER")) == [(0, 7, "E")]
    assert shapes(Timed(0, 19, "L")) == [(0, 19, "BEFH")]
    assert shapes(Timed(0, 20, "L")) == [(0, 20, "H")]


def test_diphthongs_split_at_six_tenths() -> None:
    assert shapes(Timed(0, 19, "AY")) == [(0, 11, "C"), (11, 19, "B")]
    assert shapes(Timed(0, 20, "AY")) == [(0, 12, "D"), (12, 20, "B")]
    assert shapes(Timed(0, 29, "AW")) == [(0, 17, "C"), (17, 29, "E")]
    assert shapes(Timed(0, 30, "AW")) == [(0, 18, "D"), (18, 30, "E")]


def test_stops_close_before_they_open() -> None:
    # Half the vowel before, between 4 and 12.
    assert shapes(Timed(0, 10, "AA"), Timed(10, 15, "P")) == [(0, 5, "D"), (5, 10, "A"), (10, 15, ANY)]
    assert shapes(Timed(0, 6, "AA"), Timed(6, 9, "T")) == [(0, 2, "D"), (2, 6, "BF"), (6, 9, OPEN)]
    assert shapes(Timed(0, 40, "AA"), Timed(40, 45, "K"))[1] == (28, 40, "BCEFH")


def test_a_closure_may_swallow_what_is_before_and_ends_at_the_beginning() -> None:
    swallowed = shapes(Timed(0, 10, "AA"), Timed(10, 13, "S"), Timed(13, 18, "B"))
    assert swallowed == [(0, 9, "D"), (9, 13, "A"), (13, 18, ANY)]
    assert shapes(Timed(0, 5, "M"), Timed(5, 9, "B"))[0] == (0, 1, "A")
    assert shapes(Timed(0, 5, "B")) == [(0, 5, ANY)]


def test_gaps_are_idle() -> None:
    assert shapes(Timed(10, 20, "IY"))[0] == (0, 10, "X")


# Step 2: rough pass


def test_closest_and_relaxed_shapes() -> None:
    assert closest("X", "BF") == "B"
    assert closest("F", "BEF") == "F"
    assert closest("E", ANY) == "E"
    assert [relax(shape) for shape in "ABCDEFGHX"] == list("ABBCCBXBX")


def test_a_vowel_is_anticipated() -> None:
    # S may be B or F; before UW it is already rounded.
    assert rough([Rule(0, 10, "BF"), vowel(10, 20, "F")]) == "F" * 20
    # Not from further than 20 before the vowel.
    assert rough([Rule(0, 10, "BF"), Rule(10, 31, "BF"), vowel(31, 40, "F")])[:31] == "B" * 31


def test_anticipation_stops_where_the_mouth_has_to_look_different() -> None:
    track = rough([Rule(0, 5, "BF"), Rule(5, 10, "A"), vowel(10, 20, "F")])
    assert track == "B" * 5 + "A" * 5 + "F" * 10


# Step 3: timing


def test_a_short_closure_is_brought_forward() -> None:
    # It gets 8 centiseconds, at the cost of what is before.
    assert optimize("X" * 5 + "C" * 20 + "A" * 3 + "C" * 20) == "X" * 5 + "C" * 15 + "A" * 8 + "C" * 20


def test_at_most_by_six_and_never_all() -> None:
    assert optimize("C" * 20 + "A" + "C" * 20) == "C" * 14 + "A" * 7 + "C" * 20
    assert optimize("X" * 3 + "A" + "C" * 20) == "X" + "A" * 3 + "C" * 20


def test_flicker_within_a_stretch_is_dropped() -> None:
    assert optimize("B" * 10 + "F" + "B" * 10) == "B" * 21


def test_open_beats_half_open() -> None:
    assert optimize("C" * 5 + "D" * 2) == "D" * 7


# Step 4: pauses


def test_pauses_hold_relax_or_close() -> None:
    assert pause_shape("D", "A", 11) == "D"
    assert pause_shape("D", "A", 12) == "C"
    assert pause_shape("D", "C", 35) == "B"
    assert pause_shape("C", "B", 35) == "X"
    assert pause_shape("D", "A", 36) == "X"


def test_a_pause_at_the_third_place_stays() -> None:
    # Rhubarb's walk over neighbours meets itself there.
    assert pauses("A" * 9 + "C" * 9 + "X" * 9 + "B" * 9 + "C" * 9)[18:27] == "X" * 9
    assert pauses("A" * 9 + "B" * 9 + "C" * 9 + "X" * 9 + "B" * 9 + "C" * 9)[27:36] == "C" * 9


def test_the_walk_over_neighbours() -> None:
    items = [Run(index, index + 1, "A") for index in range(6)]
    assert [tuple(item.start for item in group) for group in triples(items)] == [
        (0, 1, 2), (1, 2, 2), (2, 2, 3), (2, 3, 4),
    ]  # fmt: skip
    assert [tuple(item.start for item in group) for group in pairs(items)] == [
        (0, 1),
        (1, 1),
        (1, 2),
        (2, 3),
        (3, 4),
    ]
    assert list(triples(items[:2])) == list(pairs(items[:1])) == []


# Step 5: tweens


def test_tweens_take_their_time_from_where_they_should() -> None:
    assert tween(Run(0, 12, "D"), Run(12, 20, "A")) == Run(8, 12, "C")
    assert tween(Run(0, 9, "D"), Run(9, 33, "X")) == Run(9, 17, "C")
    assert tween(Run(0, 20, "C"), Run(20, 40, "F")) == Run(18, 23, "E")
    assert tween(Run(0, 100, "D"), Run(100, 200, "B")) == Run(96, 104, "C")


def test_no_time_no_tween() -> None:
    assert tween(Run(0, 11, "D"), Run(11, 30, "A")) is None
    assert tween(Run(0, 50, "A"), Run(50, 90, "D")) is None


def test_the_last_change_gets_no_tween() -> None:
    assert tweens("B" * 9 + "D" * 30 + "A" * 9) == "B" * 9 + "D" * 30 + "A" * 9
    assert "C" in tweens("B" * 9 + "D" * 30 + "A" * 9 + "B" * 9)


# Step 6: static segments


def test_a_mouth_that_stands_still_is_enlivened() -> None:
    still = [Rule(0, 10, "A"), *(vowel(10 + 25 * n, 35 + 25 * n, "B") for n in range(4)), Rule(110, 120, "A")]
    assert static_runs(still, draw(still))
    assert not static_runs(still, vary(still, draw))
    assert "C" in vary(still, draw)


def test_two_vowels_are_not_static_nor_is_a_short_time() -> None:
    long = [Rule(0, 10, "A"), vowel(10, 60, "B"), vowel(60, 110, "B"), Rule(110, 120, "A")]
    assert not static_runs(long, draw(long))
    quick = [Rule(0, 10, "A"), *(vowel(10 + 20 * n, 30 + 20 * n, "B") for n in range(3)), Rule(70, 80, "A")]
    assert not static_runs(quick, draw(quick))


def test_effort_is_bounded() -> None:
    endless = [vowel(25 * n, 25 * n + 25, "B") for n in range(2000)]
    assert set(vary(endless, draw, effort=1000)) == {"B"}
