"""Pauses between lines."""

import pytest

from backend.speaking import SAMPLE_RATE
from backend.speaking.lines import pause, silence


def test_a_pause_grows_with_the_weight_of_the_end() -> None:
    ends = [
        pause("and", "clause"),
        pause("and,", "clause"),
        pause("end.", "sentence"),
        pause("end.", "paragraph"),
    ]
    assert ends == sorted(set(ends))


@pytest.mark.parametrize("rate", [-0.5, 0.0, 1.0])
def test_a_pause_and_the_trimmed_edges_stay_short(rate: float) -> None:
    assert pause("The end.", "paragraph", rate) + 0.08 < (0.46 if rate < 0 else 0.4)


def test_who_speaks_faster_pauses_less() -> None:
    assert pause("end.", rate=0.5) < pause("end.") < pause("end.", rate=-0.5)


def test_silence_is_whole_samples_of_nothing() -> None:
    assert silence(0.1).data == bytes(2 * SAMPLE_RATE // 10)
    assert silence(-1.0).data == b""
