"""Half an hour of the face, watched for growth: `python -m tests.face.soak [minutes]`.

The face lives through every state, speaks, feels, changes looks and themes; after each round the collector runs, and
what is left on the heap is written down. Fails if it grows by more than 1 MB an hour over the second half.
"""

import shutil
import subprocess
import sys
import tempfile
import threading
import time
from functools import partial
from http.server import ThreadingHTTPServer
from pathlib import Path

import numpy as np
from playwright.sync_api import sync_playwright

from tests.browser.chromium import find
from tests.browser.conftest import FLAGS, WEBGL
from tests.face.conftest import ROOT, Files

ROUND = """async (round) => {
    const rest = (ms) => new Promise((r) => setTimeout(r, ms));
    const looks = ["", "leo", "henrik"];
    face.settings({ ...settings, look: looks[round % 3], theme: round % 2 ? "dark" : "light" });
    for (const mode of ["idle", "listening", "thinking", "speaking", "interrupted", "offline"]) {
        face.mode(mode);
        face.feel(["joy", "sadness", "anger", "surprise"][round % 4], 0.8);
        face.clauseEnd();
        face.phraseEnd();
        if (mode === "speaking") {
            const cues = [..."XBCADEAFGHCBADBCEAX"].map((shape, i) => ({ start: i * 0.09, shape }));
            const began = performance.now();
            speak(() => ({ cues, until: 1.71, t: (performance.now() - began) / 1000, loudness: 0.6 }));
        }
        await rest(1700);
        speak(() => null);
    }
}"""


def main(minutes: float) -> int:
    """Soak for that long; 0 when nothing grew."""
    with tempfile.TemporaryDirectory() as out, sync_playwright() as playwright:
        config = Path(__file__).parent / "vite.config.mjs"
        npx = shutil.which("npx") or sys.exit("needs node")
        subprocess.run(
            [npx, "vite", "build", "--config", config, "--outDir", out],
            cwd=ROOT / "frontend",
            check=True,
            capture_output=True,
        )
        server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Files, directory=out))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        browser = playwright.chromium.launch(executable_path=find(), args=[*FLAGS, *WEBGL])
        page = browser.new_page(viewport={"width": 240, "height": 240})
        page.goto(f"http://127.0.0.1:{server.server_port}/stage.html?live&size=64")
        page.wait_for_function("document.title === 'ready'", timeout=60_000)
        inspector = page.context.new_cdp_session(page)
        kept: list[tuple[float, float]] = []
        began = time.monotonic()
        turn = 0
        while (elapsed := time.monotonic() - began) < minutes * 60 or len(kept) < 4:
            page.evaluate(ROUND, turn)
            turn += 1
            if turn % 3:
                continue  # only rounds that end on the same look can be compared
            inspector.send("HeapProfiler.collectGarbage")
            used = inspector.send("Runtime.getHeapUsage")["usedSize"] / 2**20
            frames = page.evaluate("host.visavis().frames")
            kept.append((elapsed / 3600, used))
            print(f"{elapsed / 60:6.1f} min  heap {used:7.2f} MB  {frames} frames", flush=True)
        problems = page.evaluate("problems")
        browser.close()
        server.shutdown()
    half = np.array(kept[len(kept) // 2 :])
    slope = float(np.polyfit(half[:, 0], half[:, 1], 1)[0]) if len(half) > 1 else 0.0
    growth = float(half[-1, 1] - half[0, 1])
    print(f"trend {slope:+.2f} MB an hour, {growth:+.2f} MB over the second half; problems: {problems}")
    return 1 if problems or (slope > 1 and growth > 0.5) else 0


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]) if len(sys.argv) > 1 else 30))
