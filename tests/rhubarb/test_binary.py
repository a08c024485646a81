"""The real Rhubarb, where it is installed, and what happens where it is not."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest

from rhubarb import animate, cues
from rhubarb.binary import Binary, BinaryError
from rhubarb.install import RELEASE, InstallError, check, executable_in, install, unpack
from tests.rhubarb.utterances import agreement, load


@pytest.fixture
def binary() -> Binary:
    try:
        return Binary()
    except BinaryError as error:
        pytest.skip(str(error))


def script(folder: Path, body: str) -> Path:
    path = folder / "rhubarb"
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return path


def test_side_by_side(binary: Binary) -> None:
    said = load("u16")
    theirs = binary.cues(said.pcm, said.rate, said.text)
    assert agreement(theirs, said.rhubarb) > 0.95
    assert agreement(animate(said.rhubarb_phones, said.rhubarb[-1].end), theirs) > 0.95
    assert agreement(cues(said.pcm, said.rate, said.text), theirs, within=5) > 0.9


def test_a_process_that_hangs_is_stopped(tmp_path: Path) -> None:
    with pytest.raises(BinaryError, match="longer than"):
        Binary(script(tmp_path, "exec sleep 30")).cues(bytes(4800), 24000, time_limit=0.2)


def test_failures_are_explained(tmp_path: Path) -> None:
    with pytest.raises(BinaryError, match="no such model"):
        Binary(script(tmp_path, "echo no such model >&2; exit 1")).cues(bytes(4800), 24000)
    with pytest.raises(BinaryError, match="not its JSON"):
        Binary(script(tmp_path, "echo hello")).cues(bytes(4800), 24000)
    with pytest.raises(BinaryError, match="not an executable"):
        Binary(tmp_path / "nothing")


def test_the_dialog_is_given_as_a_file(tmp_path: Path) -> None:
    said = "It's \u201cquoted\u201d \ud800 text; -d $HOME"
    path = script(
        tmp_path,
        'while [ "$1" != -d ]; do shift; done; cp "$2" "$(dirname "$0")/seen"; echo "{\\"mouthCues\\": []}"',
    )
    assert Binary(path).cues(bytes(4800), 24000, said) == []
    assert (tmp_path / "seen").read_text("utf-8") == "It's \u201cquoted\u201d  text; -d $HOME"


def test_no_rhubarb_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BinaryError, match="visavis rhubarb install"):
        Binary()
    with pytest.raises(InstallError, match=r"Node\.js"):
        install(tmp_path)


def package(folder: Path, files: dict[str, bytes], link: str | None = None) -> Path:
    path = folder / "package.tgz"
    with tarfile.open(path, "w:gz") as tar:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
        if link:
            info = tarfile.TarInfo(f"{RELEASE}/res/link")
            info.type, info.linkname = tarfile.SYMTYPE, link
            tar.addfile(info)
    return path


def test_another_package_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InstallError, match="checksum"):
        check(package(tmp_path, {f"{RELEASE}/rhubarb": b"#!/bin/sh\n"}))


def test_only_rhubarb_itself_is_unpacked(tmp_path: Path) -> None:
    archive = package(
        tmp_path,
        {
            f"{RELEASE}/rhubarb": b"x",
            f"{RELEASE}/res/a": b"a",
            f"{RELEASE}/tests/t": b"t",
            "package/index.js": b"",
        },
    )
    release = unpack(archive, tmp_path / "out")
    assert sorted(path.name for path in release.rglob("*")) == ["a", "res", "rhubarb"]


def test_nothing_leads_out_of_the_folder(tmp_path: Path) -> None:
    archive = package(tmp_path, {f"{RELEASE}/rhubarb": b"x"}, link="/etc/passwd")
    with pytest.raises(InstallError, match="cannot be unpacked"):
        unpack(archive, tmp_path / "out")


def test_what_is_installed_is_kept(tmp_path: Path) -> None:
    folder = tmp_path / "rhubarb-1.13.0"
    folder.mkdir()
    path = script(folder, "true")
    told: list[str] = []
    assert install(tmp_path, told.append) == path == executable_in(tmp_path)
    assert "already" in told[0]
