"""python -m rhubarb, and the sound files it reads."""

from __future__ import annotations

import json
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest

from rhubarb.__main__ import main
from rhubarb.audio import AudioError, decode, read
from tests.rhubarb.utterances import DATA, agreement, load


def run(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, str, str]:
    status = main([str(argument) for argument in arguments])
    out, err = capsys.readouterr()
    return status, out, err


@pytest.mark.parametrize("kind", ["wav", "ogg", "flac", "mp3"])
def test_every_kind_of_file_gives_nearly_the_same_cues(kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = run(capsys, "-f", "json", "-d", DATA / "u07.txt", DATA / f"u07.{kind}")
    assert status == 0
    found = json.loads(out)
    assert found["metadata"]["soundFile"].endswith(f"u07.{kind}")
    assert found["metadata"]["duration"] == pytest.approx(2.06, abs=0.15)
    assert {"A", "F"} <= {cue["value"] for cue in found["mouthCues"]}


def test_lossless_files_are_the_same_samples() -> None:
    wav, rate = read(DATA / "u07.wav")
    flac, same_rate = read(DATA / "u07.flac")
    assert rate == same_rate == 24000
    assert np.array_equal(wav, flac)


def test_json_is_byte_for_byte_rhubarbs(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    phones = tmp_path / "phones.json"
    phones.write_text(json.dumps(json.loads((DATA / "u01.phones.json").read_text())["rhubarb_phones"]))
    status, out, _ = run(capsys, "-f", "json", "--phones", phones, "--duration", "3.06")
    assert status == 0
    assert out.startswith('{\n  "metadata": {\n    "soundFile": ')
    assert '    { "start": 0.00, "end": 0.19, "value": "X" },\n' in out
    assert json.loads(out)["mouthCues"] == json.loads((DATA / "u01.rhubarb-dialog.json").read_text())["mouthCues"]


def test_tsv_and_xml(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ("-d", DATA / "u07.txt", DATA / "u07.wav")
    _, tsv, _ = run(capsys, *arguments)
    rows = [line.split("\t") for line in tsv.splitlines()]
    assert rows[0][0] == "0.00"
    assert rows[-1] == ["2.06", "X"]
    _, xml, _ = run(capsys, "-f", "xml", *arguments)
    cues = ET.fromstring(xml.encode()).findall("mouthCues/mouthCue")
    assert [cue.attrib["start"] for cue in cues] == [start for start, _ in rows[:-1]]


def test_words_and_shapes_and_output(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    said = load("u14")
    words = tmp_path / "words.json"
    words.write_text(json.dumps([{"start": w.start, "end": w.end, "word": w.text} for w in said.true_words]))
    output = tmp_path / "cues.json"
    status, out, _ = run(
        capsys, "-f", "json", "-r", "words", "--words", words, "--extendedShapes", "", "-o", output,
        "-d", DATA / "u14.txt", DATA / "u14.wav",
    )  # fmt: skip
    assert (status, out) == (0, "")
    assert {cue["value"] for cue in json.loads(output.read_text())["mouthCues"]} <= set("ABCDEF")


def test_words_alone_agree_with_the_truth(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    from rhubarb import MouthCue

    said = load("u14")
    words = tmp_path / "words.json"
    words.write_text(json.dumps([{"start": w.start, "end": w.end, "word": w.text} for w in said.true_words]))
    _, out, _ = run(capsys, "-f", "json", "-r", "words", "--words", words, "-d", DATA / "u14.txt", DATA / "u14.wav")
    cues = [MouthCue(cue["start"], cue["end"], cue["value"]) for cue in json.loads(out)["mouthCues"]]
    assert agreement(cues, said.truth) > 0.7


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (["missing.wav"], 1, "Cannot read"),
        ([str(DATA / "u07.txt")], 1, "not a wav, ogg"),
        (["-d", "Hello there", str(DATA / "u07.wav")], 2, "-d takes a file"),
        (["--extendedShapes", "Q", str(DATA / "u07.wav")], 2, "G, H and X"),
        (["--phones", str(DATA / "u07.txt")], 2, "not JSON"),
        (["--phones", str(DATA / "u07.phones.json")], 2, "list of objects"),
        ([], 2, "Give a sound file"),
    ],
)
def test_mistakes_are_explained(
    arguments: list[str], status: int, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    found, out, err = run(capsys, *arguments)
    assert (found, out) == (status, "")
    assert message in err


def test_long_files_show_progress_on_a_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rhubarb.__main__.LONG", 1.0)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    _, out, err = run(capsys, DATA / "u07.wav")
    assert "100%" in err
    assert "%" not in out
    assert run(capsys, "-q", DATA / "u07.wav")[2] == ""


@pytest.mark.parametrize(
    "data", [b"", b"RIFF", b"OggS" + bytes(50), b"fLaC" + bytes(50), b"ID3" + bytes(500), bytes(9)]
)
def test_broken_files_are_refused(data: bytes) -> None:
    with pytest.raises(AudioError):
        decode(data)
