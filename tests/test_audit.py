"""The audit's local half, in CI; and that it would find what it looks for."""

import subprocess
from pathlib import Path

import pytest

from tests import audit


def test_no_secret_is_committed() -> None:
    assert audit.secrets() == []


def test_every_package_is_pinned_by_a_digest() -> None:
    assert audit.unpinned() == []


@pytest.mark.parametrize(
    "secret",
    [
        "-----BEGIN " + "RSA PRIVATE KEY-----",
        "dapi" + "0123456789abcdef" * 2,
        "AKIA" + "ABCDEFGHIJKLMNOP",
        "sk-" + "proj-" + "a1B2" * 10,
        "ghp_" + "a" * 36,
        "postgresql://visavis:" + "hunter2hunter2" + "@db.example.com/visavis",
    ],
)
def test_a_committed_secret_would_be_found(tmp_path: Path, secret: str) -> None:
    (tmp_path / "notes.md").write_text(f"Fine.\nThe key: {secret}\n")
    for command in (["init", "-q"], ["add", "."]):
        subprocess.run(["git", *command], cwd=tmp_path, check=True)
    (found,) = audit.secrets(tmp_path)
    assert found.startswith("notes.md:2: ")
    assert secret not in found


def test_what_could_not_be_checked_is_said() -> None:
    fine, weak = audit.Check("secrets"), audit.Check("npm's packages", ["leftpad: high"])
    away = audit.Check("known weaknesses of 9 Python packages", unmade="PyPI did not answer")
    assert "could not" not in audit.report([fine, weak])
    said = audit.report([fine, weak, away])
    assert "NOT CHECKED  known weaknesses of 9 Python packages: PyPI did not answer" in said
    assert "1 problem found." in said
    assert "1 of 3 checks could not be made here, so this says nothing about known weaknesses of 9 Python" in said
