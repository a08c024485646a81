"""`python -m bench [NAME ...] [OPTIONS]`: run the benchmarks, or those named, and write docs/benchmarks.md."""

import importlib
import sys
from itertools import dropwhile

BENCHMARKS = ("conversation", "turngap", "bargein", "lipsync", "feeling", "face", "caches")


def main() -> None:
    """Run them one after the other: they share the machine."""
    options = list(dropwhile(lambda word: not word.startswith("-"), sys.argv[1:]))
    names = sys.argv[1 : len(sys.argv) - len(options)]
    sys.argv[1:] = options
    for name in names or BENCHMARKS:
        importlib.import_module(f"bench.{name}").main()


if __name__ == "__main__":
    main()
