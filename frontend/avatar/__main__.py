"""`python -m frontend.avatar [look ...]`: write build/*.glb and build/looks.json, ready for compress.mjs."""

import json
import sys
import time
from pathlib import Path

from .build import build
from .looks import LOOKS, PRESETS
from .manifest import sources_hash
from .visemes import CORRECTIVES, WRINKLES

OUT = Path(__file__).parent / "build"


def main(wanted: list[str]) -> None:
    unknown = set(wanted) - {look.id for look in LOOKS}
    if unknown:
        sys.exit(f"no look called {', '.join(sorted(unknown))}; there are {', '.join(k.id for k in LOOKS)}")
    OUT.mkdir(exist_ok=True)
    stamp = OUT / "sources.sha256"
    made_from = sources_hash()
    if wanted and (not stamp.exists() or stamp.read_text() != made_from):
        print("only some looks are rebuilt: run once more without names before packing")
        stamp.unlink(missing_ok=True)
    for look in LOOKS:
        if wanted and look.id not in wanted:
            continue
        start = time.perf_counter()
        r = build(look, OUT / f"{look.id}.glb")
        seconds = time.perf_counter() - start
        parts = " ".join(f"{k} {n}" for k, n in r.parts.items())
        print(
            f"{look.id}: {r.triangles} triangles, {r.draws} draws, {r.morphs} morphs, "
            f"{r.bytes} bytes, {seconds:.1f} s ({parts})"
        )
    data = {
        "looks": [
            {
                "id": k.id,
                "name": k.name,
                "about": k.about,
                "file": f"{k.id}.glb",
                "colours": k.colours,
                "drawn": k.drawn,
            }
            for k in LOOKS
        ],
        "presets": {
            part: [{"id": i, "name": i.capitalize(), "colour": c} for i, c in p.items()] for part, p in PRESETS.items()
        },
        "correctives": CORRECTIVES,
        "wrinkles": WRINKLES,
    }
    (OUT / "looks.json").write_text(json.dumps(data, indent=2) + "\n")
    if not wanted:
        stamp.write_text(made_from)


if __name__ == "__main__":
    main(sys.argv[1:])
