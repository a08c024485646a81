"""The transformers engine is an extra: its tests are collected only where torch and transformers are installed."""

from importlib.util import find_spec

MISSING = [name for name in ("torch", "transformers") if find_spec(name) is None]
collect_ignore = ["test_transformers.py"] if MISSING else []


def pytest_report_header() -> str:
    if MISSING:
        return (
            f"feeling: test_transformers.py is left out, {' and '.join(MISSING)} not installed"
            " (pip install torch transformers)"
        )
    return "feeling: torch and transformers found, test_transformers.py runs"
