"""The training script, on a small part of the dev set: what it writes reads as what it fitted."""

import sys
from pathlib import Path

import numpy as np
import pytest

from backend.feeling import train
from backend.feeling.embedded import Weights
from backend.feeling.measure import accuracy, read_labelled

DEV = Path(__file__).with_name("goemotions-ekman-dev.tsv")


def test_what_is_written_reads_as_what_was_fitted(tmp_path: Path) -> None:
    texts, labels = read_labelled(DEV)
    examples = train.Examples.of(texts[:1500], labels[:1500])
    model = train.Model(examples)
    model.save(tmp_path / "weights.npz")
    weights = Weights(tmp_path / "weights.npz")
    fitted = model.logits(train.Examples.of(texts[1500:1700], [(0,)] * 200)).argmax(1)
    written = np.array([weights.scores(text) for text in texts[1500:1700]])
    # Eight bits a weight, and the shifts for intensity and questions, turn few of them.
    assert accuracy(fitted, written) > 0.9


def test_the_script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    lines = DEV.read_text(encoding="utf-8").splitlines(keepends=True)
    (tmp_path / "train.tsv").write_text("".join(lines[:2500]), encoding="utf-8")
    (tmp_path / "dev.tsv").write_text("".join(lines[2500:3000]), encoding="utf-8")
    out = tmp_path / "weights.npz"
    monkeypatch.setattr(
        sys, "argv", ["train", str(tmp_path / "train.tsv"), str(tmp_path / "dev.tsv"), "--out", str(out)]
    )
    train.main()
    said = capsys.readouterr().out
    learnt = float(said.split("accuracy ")[1].split(",")[0])
    assert learnt > 0.4  # always joy would be right a little more than a third of the time
    assert Weights(out).scores("Thank you so much!").argmax() == 3
