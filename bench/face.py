"""What the face costs on the main thread; the measuring itself is face.mjs, run by Node."""

import shutil
import subprocess
import sys
from pathlib import Path

from bench import report


def main() -> None:
    """Measure, print, and write the section."""
    node = shutil.which("node") or sys.exit("The face is measured by Node 20 or newer, which was not found.")
    script = Path(__file__).with_suffix(".mjs")
    done = subprocess.run([node, "--expose-gc", script], check=True, capture_output=True, text=True)
    print(done.stdout)
    report.write("face", done.stdout)
