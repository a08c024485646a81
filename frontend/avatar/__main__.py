"""`python -m frontend.avatar [look ...]`: write build/*.glb, looks.json and the manifest's first half."""

import json
import sys
import time
from pathlib import Path

from .build import build
from .looks import LOOKS, PRESETS
from .visemes import CORRECTIVES, WRINKLES

OUT = Path(__file__).parent / "build"


def main(wanted: list[str]) -> None:
    OUT.mkdir(exist_ok=True)
    for look in LOOKS:
        if wanted and look.id not in wanted:
            continue
        start = time.perf_counter()
        report = build(look, OUT / f"{look.id}.glb")
        parts = " ".join(f"{k} {n}" for k, n in report.parts.items())
        print(f"{look.id}: {report.triangles} triangles, {report.draws} draws, {report.morphs} morphs, {report.bytes} bytes, {time.perf_counter() - start:.1f} s ({parts})")
    data = {
        "looks": [{"id": k.id, "name": k.name, "about": k.about, "file": f"{k.id}.glb", "colours": k.colours} for k in LOOKS],
        "presets": {part: [{"id": i, "name": i.capitalize(), "colour": c} for i, c in p.items()] for part, p in PRESETS.items()},
        "correctives": CORRECTIVES,
        "wrinkles": WRINKLES,
    }
    (OUT / "looks.json").write_text(json.dumps(data, indent=2) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
