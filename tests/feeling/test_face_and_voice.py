"""What the face and the voice make of a feeling."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.feeling import LABELS, NEUTRAL, Emotion
from backend.feeling.prosody import EDGE_PITCH, EDGE_RATE, prosody
from backend.feeling.response import CALM, expression, listening

EMOTIONS = st.builds(Emotion, st.sampled_from(LABELS), st.floats(0, 1))


def sure(label: str) -> Emotion:
    return Emotion(label, 1.0)


@given(EMOTIONS, st.floats(-0.5, 1), st.floats(-0.5, 0.5))
def test_the_voice_stays_within_edges_limits(emotion: Emotion, rate: float, pitch: float) -> None:
    said = prosody(emotion, rate, pitch)
    assert EDGE_RATE[0] <= said.rate <= EDGE_RATE[1]
    assert EDGE_PITCH[0] <= said.pitch <= EDGE_PITCH[1]
    assert abs(said.rate - rate) <= 0.0801
    assert abs(said.pitch - pitch) <= 0.0801


def test_the_voice_has_the_right_direction() -> None:
    assert prosody(sure("sadness")).rate < 0 < prosody(sure("joy")).rate
    assert prosody(sure("sadness")).pitch < 0 < prosody(sure("fear")).pitch
    assert prosody(sure("joy"), 0.2, 0.1) == (0.25, 0.16)


@pytest.mark.parametrize("emotion", [NEUTRAL, Emotion("joy", 0.5), Emotion("anger", 0.2), sure("neutral")])
def test_an_unsure_or_neutral_feeling_leaves_the_voice_alone(emotion: Emotion) -> None:
    assert prosody(emotion) == (0, 0)


@given(EMOTIONS, EMOTIONS)
def test_the_face_never_scowls_or_shows_fear_at_full_strength(person: Emotion, line: Emotion) -> None:
    for shown in (listening(person), expression(person, line)):
        assert 0 <= shown.strength <= 1
        if shown.label in ("anger", "fear", "disgust"):
            assert shown.strength <= 0.4


@pytest.mark.parametrize("pain", ["sadness", "fear", "anger"])
def test_pain_is_met_with_concern_not_mirrored(pain: str) -> None:
    assert listening(sure(pain)).label == "sadness"
    assert 0 < listening(sure(pain)).strength <= 0.5


def test_joy_is_shared_and_disgust_is_not() -> None:
    assert listening(sure("joy")) == ("joy", 0.7)
    assert listening(sure("disgust")) == CALM


def test_concern_lingers_under_a_neutral_line() -> None:
    assert expression(sure("sadness"), sure("neutral")) == ("sadness", 0.25)


def test_a_smile_is_held_back_before_someone_who_suffers() -> None:
    assert expression(sure("sadness"), sure("joy")) == ("joy", 0.3)
    assert expression(sure("neutral"), sure("joy")) == ("joy", 1.0)


def test_a_guess_moves_no_muscle() -> None:
    assert expression(Emotion("sadness", 0.3), Emotion("joy", 0.35)) == CALM
