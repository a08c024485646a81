"""The transformers engine is an extra: its tests are collected only where torch and transformers are installed."""

from importlib.util import find_spec

import pytest

MISSING = [name for name in ("torch", "transformers") if find_spec(name) is None]
collect_ignore = ["test_transformers.py"] if MISSING else []


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what was left out, and what brings it."""
    if MISSING:
        terminalreporter.write_line(
            f"tests/feeling/test_transformers.py was not collected: {' and '.join(MISSING)} not installed (make torch)"
        )
