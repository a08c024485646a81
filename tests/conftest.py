"""What all tests share: an environment without surprises, and no skip that nobody knows of."""

import os
from pathlib import Path

import pytest

SKIPS = Path(__file__).parent / "skips.txt"
"""Tests that may be skipped in CI, one a line: `node id  # reason`."""


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting of the developer's own machine reaches a test."""
    for name in list(os.environ):
        if name.startswith(("VISAVIS_", "OPENAI_", "DATABRICKS_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("VISAVIS_DATA", str(tmp_path / "data"))


def _allowed() -> set[str]:
    lines = SKIPS.read_text().splitlines() if SKIPS.exists() else []
    return {line.split("#")[0].strip() for line in lines if "#" in line}


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]):
    """In CI a skipped test is a failed one, unless it is listed with its reason."""
    report = (yield).get_result()
    if os.environ.get("CI") and report.skipped and not hasattr(report, "wasxfail") and item.nodeid not in _allowed():
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped, and stands not in tests/skips.txt with a reason"
