import numpy as np
import pytest

from backend.feeling.measure import accuracy, calibration_error, macro_f1, read_labelled

CERTAIN = np.eye(7)


def test_accuracy_and_f1_by_hand() -> None:
    truth = np.array([3, 3, 4, 5])
    scores = CERTAIN[[3, 4, 4, 5]]
    assert accuracy(truth, scores) == 0.75
    # joy: precision 1, recall 1/2; neutral: 1/2, 1; sadness: 1, 1; the other four never occur.
    assert macro_f1(truth, scores) == pytest.approx((2 / 3 + 2 / 3 + 1) / 7)


def test_calibration_error_by_hand() -> None:
    scores = np.full((10, 7), 0.2 / 6)
    scores[:, 3] = 0.8
    assert calibration_error(np.array([3] * 8 + [4] * 2), scores) == pytest.approx(0)
    assert calibration_error(np.array([3] * 5 + [4] * 5), scores) == pytest.approx(0.3)


def test_both_layouts(tmp_path) -> None:
    file = tmp_path / "some.tsv"
    file.write_text('# a comment\njoy\tHooray "you"\njoy\t3,4\tid1\n', encoding="utf-8")
    assert read_labelled(file) == (['Hooray "you"', "joy"], [(3,), (3, 4)])
