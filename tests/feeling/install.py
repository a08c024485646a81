"""Brings torch's CPU build and transformers for the tests of the emotion model: `python -m tests.feeling.install`.

Two hundred megabytes that only these tests need, so no dependency group has them. PyPI's build for Linux comes with
gigabytes for graphics cards; the one for CPUs lies where pip is told to look (`find-links`) or on PyTorch's own index.
Without either the tests are left out, and pytest says so.
"""

import os
import shutil
import subprocess
import sys
from importlib.util import find_spec

TORCH = "torch==2.13.0+cpu" if sys.platform == "linux" else "torch==2.13.0"
TRANSFORMERS = "transformers>=5,<6"
INDEX = "https://download.pytorch.org/whl/cpu"
PATIENCE = 600
"""Seconds for one try."""


def uv() -> str:
    """The installer: the system's, or the one that `make` brought."""
    return shutil.which("uv") or ".make/uv/bin/uv"


def links() -> str:
    """Where pip is told to look besides its index: uv does not read pip's settings."""
    pip = shutil.which("pip") or shutil.which("pip3")
    if pip is None:
        return ""
    found = [
        subprocess.run([pip, "config", "get", f"{section}.find-links"], capture_output=True, text=True, check=False)
        for section in (":env:", "global", "user")
    ]
    return " ".join(one.stdout.strip() for one in found if one.returncode == 0)


def install() -> bool:
    """Whether both are there now."""
    if find_spec("torch") and find_spec("transformers"):
        return True
    command = [uv(), "pip", "install", "--quiet", "--python", sys.executable, TORCH, TRANSFORMERS]
    # Compiled when it is imported: most of it never is.
    environment = {**os.environ, "UV_COMPILE_BYTECODE": "0"}
    if where := links():
        environment["UV_FIND_LINKS"] = ",".join(where.split())
    for more in ([], ["--extra-index-url", INDEX, "--index-strategy", "unsafe-best-match"]):
        try:
            done = subprocess.run(
                [*command, *more], env=environment, timeout=PATIENCE, capture_output=True, check=False
            )
        except (OSError, subprocess.TimeoutExpired):
            continue
        if done.returncode == 0:
            return True
    return False


if __name__ == "__main__":
    if not install():
        print("torch's CPU build cannot be had here: the tests of the emotion model through torch are left out.")
