"""Everything that takes something from outside, fuzzed: `python -m tests.fuzz [TARGET ...] --inputs 100000`.

One target after the other: the socket, the HTTP interface, what reads documents, and the loader of a person's own
avatar (which is TypeScript and wants `npm ci` in frontend/). `--seed` brings a run back.
"""

import argparse
import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Callable

from tests.fuzz import documents, http, socket
from tests.server import ROOT


def _socket(inputs: int, seed: int) -> str:
    return f"{asyncio.run(socket.fuzz(inputs, seed))} frames: no connection lost, every answer plain"


def _http(inputs: int, seed: int) -> str:
    return asyncio.run(http.fuzz(inputs, seed))


def _avatar(inputs: int, seed: int) -> str:
    # Once in some ten thousand files a library leaves a promise of its own broken behind, after the file was refused.
    command = ["npx", "vitest", "run", "src/face/own/fuzz.test.ts", "--dangerouslyIgnoreUnhandledErrors"]
    environment = os.environ | {"FUZZ_INPUTS": str(inputs), "FUZZ_SEED": str(seed)}
    done = subprocess.run(command, cwd=ROOT / "frontend", env=environment, check=False, capture_output=True, text=True)
    if done.returncode:
        raise AssertionError(done.stdout[-2_000:] + done.stderr[-2_000:])
    return next((line.partition("avatar: ")[2] for line in done.stdout.splitlines() if "avatar: " in line), "done")


TARGETS: dict[str, Callable[[int, int], str]] = {
    "avatar": _avatar,
    "documents": documents.fuzz,
    "http": _http,
    "socket": _socket,
}


def main() -> None:
    """Run what is asked for; the exit status tells whether something did harm."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("targets", nargs="*", choices=[*TARGETS, []], help="all, if none is named")
    parser.add_argument("--inputs", type=int, default=100_000, help="for each target")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    harm = False
    for target in options.targets or TARGETS:
        began = time.monotonic()
        try:
            found = TARGETS[target](options.inputs, options.seed)
        except Exception as error:
            harm, found = True, f"HARM: {error}"
        print(
            f"{target}: {options.inputs} inputs, seed {options.seed}, {time.monotonic() - began:.0f} s: {found}",
            flush=True,
        )
    sys.exit(harm)


if __name__ == "__main__":
    main()
