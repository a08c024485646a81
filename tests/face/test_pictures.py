"""Every morph and every mouth shape looks as it did, and different from its neighbours.

The references were drawn by these tests themselves and looked at by people; after a change of the avatars, look at
the new ones and keep them with `WRITE_REFERENCES=1 pytest tests/face/test_pictures.py`.
"""

import base64
import json
import os
from itertools import combinations
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.face.conftest import REFERENCES, ROOT, Visit

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

LOOKS = [look["id"] for look in json.loads((ROOT / "frontend/public/avatar/looks.json").read_text())["looks"]]
SHAPES = "ABCDEFGHX"
EMOTIONS = ("anger", "disgust", "fear", "joy", "neutral", "sadness", "surprise")
STATES = ("idle", "listening", "thinking", "interrupted", "offline", "confused")
PIXELS = 96
COLUMNS = 12
ALIKE = 0.045
"""Most that a picture may differ from its reference. Another rasteriser's edges measure about half of it."""
APART = 0.05
"""Least that two faces differ which a person has to tell apart."""

GROUPS = ([f"shape {s}" for s in SHAPES], list(EMOTIONS), [f"state {s}" for s in STATES])
AKIN = ("shape A", "shape X")
"""Lips pressed and lips at rest are both closed; no viewer has to tell them apart."""

Shot = dict[str, Any]
EXPRESSIONS: list[Shot] = [
    *({"name": f"shape {s}", "weights": {f"shape{s}": 1}} for s in SHAPES),
    *({"name": e, "named": [["feelings", e, 1]]} for e in EMOTIONS),
    *({"name": f"state {s}", "named": [["postures", s, 1]]} for s in STATES),
]


def morph_shots(page: Page) -> list[Shot]:
    """One picture of each morph at full strength. mouthClose undoes the lips' part of jawOpen, and is shown so."""
    shots = [{"name": name, "morphs": {name: 1}} for name in page.evaluate("morphs")]
    for shot in shots:
        if shot["name"] == "mouthClose":
            shot["morphs"]["jawOpen"] = 1
    return shots


def take(page: Page, shots: list[Shot]) -> list[str]:
    page.evaluate("([shots, pixels]) => take(shots, pixels)", [shots, PIXELS])
    return [shot["name"] for shot in shots]


def distance(page: Page, a: str, b: str) -> float:
    return float(page.evaluate("([a, b]) => compare(a, b)", [a, b]))


def against_reference(page: Page, names: list[str], sheet: str) -> list[str]:
    """The names whose picture is not that of the reference sheet."""
    path = REFERENCES / sheet
    if os.environ.get("WRITE_REFERENCES"):
        path.parent.mkdir(exist_ok=True)
        url = page.evaluate("([names, columns]) => sheet(names, columns)", [names, COLUMNS])
        path.write_bytes(base64.b64decode(url.partition(",")[2]))
    kept = [f"kept {name}" for name in names]
    page.evaluate(
        "([address, names, columns, pixels]) => readSheet(address, names, columns, pixels)",
        [f"/references/{sheet}", kept, COLUMNS, PIXELS],
    )
    return [f"{n}: {d:.3f}" for n, k in zip(names, kept, strict=True) if (d := distance(page, n, k)) > ALIKE]


def too_alike(page: Page) -> list[str]:
    """The pairs of shapes, of feelings and of states that look too much the same."""
    return [
        f"{a} and {b}: {d:.3f}"
        for group in GROUPS
        for a, b in combinations(group, 2)
        if (a, b) != AKIN and (d := distance(page, a, b)) < APART
    ]


def test_every_morph_and_expression_looks_as_its_reference(visit: Visit) -> None:
    page = visit(f"size=112&close&look={LOOKS[0]}")
    shots = [*EXPRESSIONS, *morph_shots(page)]
    names = take(page, shots)
    assert len(names) >= 9 + 7 + 6 + 67
    assert against_reference(page, names, f"{LOOKS[0]}.png") == []
    # The measure can tell: no picture of one shape passes for another.
    for a, b in combinations(GROUPS[0], 2):
        if (a, b) != AKIN:
            assert distance(page, a, f"kept {b}") > ALIKE, f"{a} and {b}"

    for morph in names[len(EXPRESSIONS) :]:
        if morph != "viseme_sil":
            assert distance(page, morph, "shape X") > 0.02, f"{morph} moves nothing"
    assert distance(page, "viseme_sil", "shape X") < 0.001


@pytest.mark.parametrize("look", LOOKS)
def test_shapes_feelings_and_states_can_be_told_apart_in_every_look(visit: Visit, look: str) -> None:
    page = visit(f"size=112&close&look={look}")
    take(page, EXPRESSIONS)
    assert too_alike(page) == []


def test_the_drawn_face_can_be_read_as_well(visit: Visit) -> None:
    page = visit("size=256&drawn")
    names = take(page, EXPRESSIONS)
    assert against_reference(page, names, "drawn.png") == []
    assert too_alike(page) == []
