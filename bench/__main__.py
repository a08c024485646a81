"""`python -m bench [NAME ...]`: run the benchmarks, or those named, and write docs/benchmarks.md."""

import importlib
import sys

BENCHMARKS = ("conversation", "turngap", "bargein", "lipsync", "feeling", "face", "caches")


def main() -> None:
    """Run them one after the other: they share the machine."""
    for name in sys.argv[1:] or BENCHMARKS:
        importlib.import_module(f"bench.{name}").main()


if __name__ == "__main__":
    main()
