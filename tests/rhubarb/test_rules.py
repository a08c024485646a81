"""The rules as a whole: Rhubarb's own phones give Rhubarb's own output, frame for frame."""

import pytest

from rhubarb import MouthCue, Phone, animate
from tests.rhubarb.utterances import NAMES, agreement, frames, load


@pytest.mark.parametrize("name", NAMES)
def test_rhubarbs_phones_give_rhubarbs_output(name: str) -> None:
    said = load(name)
    assert animate(said.rhubarb_phones, said.rhubarb[-1].end) == said.rhubarb


@pytest.mark.parametrize("name", NAMES)
def test_the_true_phones_give_the_true_cues(name: str) -> None:
    said = load(name)
    assert agreement(animate(said.true_phones, said.truth[-1].end), said.truth) == 1


def test_no_phones_are_silence() -> None:
    assert animate([], 1.5) == [MouthCue(0, 1.5, "X")]
    assert animate([]) == []


def test_overlapping_and_unsorted_phones_are_put_in_order() -> None:
    tidy = [Phone(0.1, 0.3, "AA"), Phone(0.3, 0.4, "M"), Phone(0.4, 0.6, "IY")]
    messy = [Phone(0.4, 0.6, "IY"), Phone(0.1, 0.3, "AA"), Phone(0.2, 0.4, "M")]
    assert animate(messy, 1.0) == animate(tidy, 1.0)


def test_silence_is_dropped_and_unknown_sounds_are_noise() -> None:
    assert animate([Phone(0, 0.5, "SIL")], 0.5) == animate([], 0.5)
    assert frames(animate([Phone(0.0, 0.5, "++laugh++")], 0.5)) == "B" * 50


def test_faces_without_extended_shapes_get_stand_ins() -> None:
    phones = [Phone(0.2, 0.4, "F"), Phone(0.4, 0.7, "L"), Phone(0.7, 0.9, "AA")]
    full = frames(animate(phones, 1.5))
    basic = frames(animate(phones, 1.5, extended_shapes=""))
    assert {"G", "H", "X"} <= set(full)
    assert basic == full.translate(str.maketrans("GHX", "ACA"))


def test_the_last_cue_reaches_a_duration_between_two_centiseconds() -> None:
    assert animate([Phone(0.1, 0.2, "AA")], 0.505)[-1].end == 0.505
