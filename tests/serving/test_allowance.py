"""Allowances: by person, by address, refilled with time, bounded in memory."""

from backend import allowance
from backend.allowance import OFFICE, Allowances
from backend.settings import Settings


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_person_is_slowed_down_and_gets_more_with_time() -> None:
    clock = Clock()
    ada = Allowances(Settings(turns_per_minute=6), clock).of("ada", "1.2.3.4")
    assert [ada.turn() for _ in range(7)] == [True] * 6 + [False]
    clock.now = 10
    assert [ada.turn(), ada.turn()] == [True, False]


def test_an_address_holds_an_office_and_no_more() -> None:
    every = Allowances(Settings(turns_per_minute=1), Clock())
    assert all(every.of(f"person {n}", "1.2.3.4").turn() for n in range(OFFICE))
    assert not every.of("one more", "1.2.3.4").turn()
    assert every.of("one more", "5.6.7.8").turn(), "what was refused was not taken"
    assert every.refused["turns"] == 1


def test_speech_is_counted_in_seconds() -> None:
    ada = Allowances(Settings(audio_seconds_per_minute=10), Clock()).of("ada", "1.2.3.4")
    assert ada.audio(9.5)
    assert not ada.audio(1)
    assert ada.audio(0.5)


def test_memory_is_bounded() -> None:
    every = Allowances(Settings(), Clock())
    for n in range(allowance.KEPT):
        every.of(f"person {n}", f"address {n}").turn()
    assert len(every._buckets) <= allowance.KEPT
