"""The committed models: current, within budget, and true to the contract in frontend/avatar/README.md."""

import hashlib
import json
import struct
from pathlib import Path
from typing import Any

import pytest

from frontend.avatar.looks import LOOKS
from frontend.avatar.manifest import sources_hash
from frontend.avatar.visemes import MORPHS

PUBLIC = Path(__file__).parents[2] / "frontend/public/avatar"
IDS = [look.id for look in LOOKS]
JOINTS = {"avatar", "neck", "head", "eyeLeft", "eyeRight"}
PARTS = {"body", "throat", "face", "hair", "brows", "lashes", "mouth", "eyeballLeft", "eyeballRight"}


def gltf(look: str) -> dict[str, Any]:
    data = (PUBLIC / f"{look}.glb").read_bytes()
    magic, version, length = struct.unpack_from("<III", data)
    assert (magic, version, length) == (0x46546C67, 2, len(data))
    size, _ = struct.unpack_from("<II", data, 12)
    return json.loads(data[20 : 20 + size])


def test_models_are_made_from_these_sources() -> None:
    manifest = json.loads((PUBLIC / "manifest.json").read_text())
    assert manifest["sources"] == sources_hash(), (
        "run `python -m frontend.avatar`, then `npm run build` in frontend/avatar"
    )
    assert set(manifest["files"]) == {f"{i}.glb" for i in IDS} == {p.name for p in PUBLIC.glob("*.glb")}
    for name, entry in manifest["files"].items():
        data = (PUBLIC / name).read_bytes()
        assert (len(data), hashlib.sha256(data).hexdigest()) == (entry["bytes"], entry["sha256"])


def test_all_models_together_are_under_ten_megabytes() -> None:
    assert len(IDS) >= 4
    assert sum(p.stat().st_size for p in PUBLIC.iterdir()) < 10_000_000


def test_looks_json_names_every_look_with_its_colours() -> None:
    data = json.loads((PUBLIC / "looks.json").read_text())
    assert [k["id"] for k in data["looks"]] == IDS
    for k in data["looks"]:
        assert k["bytes"] == (PUBLIC / k["file"]).stat().st_size
        assert {"skin", "hair", "brows", "eyes", "clothes", "trim"} <= set(k["colours"])
    assert set(data["presets"]) == {"skin", "hair", "brows", "eyes", "clothes", "trim"}
    colours = [c["colour"] for p in data["presets"].values() for c in p] + [
        c for k in data["looks"] for c in k["colours"].values()
    ]
    assert all(len(c) == 7 and int(c[1:], 16) >= 0 for c in colours)
    for gains in [g for c in data["correctives"].values() for g in c["of"]] + list(data["wrinkles"].values()):
        assert set(gains) <= set(MORPHS)


@pytest.mark.parametrize("look", IDS)
def test_budgets(look: str) -> None:
    g = gltf(look)
    assert (PUBLIC / f"{look}.glb").stat().st_size <= 2_000_000
    drawn = [g["meshes"][n["mesh"]] for n in g["nodes"] if "mesh" in n]
    primitives = [p for m in drawn for p in m["primitives"]]
    triangles = sum(g["accessors"][p["indices"]]["count"] // 3 for p in primitives)
    assert len(primitives) <= 12
    assert 10_000 < triangles <= 25_000
    assert max(len(p.get("targets", [])) for p in primitives) <= 70


@pytest.mark.parametrize("look", IDS)
def test_contract(look: str) -> None:
    g = gltf(look)
    names = {n.get("name") for n in g["nodes"]}
    assert names >= JOINTS | PARTS
    meshes = {m["name"]: m for m in g["meshes"]}
    assert meshes["face"]["extras"]["targetNames"] == list(MORPHS)
    assert len(MORPHS) == 69
    for part in ("brows", "lashes", "mouth"):
        assert set(meshes[part]["extras"]["targetNames"]) <= set(MORPHS)
    attributes = meshes["face"]["primitives"][0]["attributes"]
    assert {"POSITION", "NORMAL", "COLOR_0", "_WRINKLE"} <= set(attributes)
    assert "TEXCOORD_0" in meshes["hair"]["primitives"][0]["attributes"]
    assert {"JOINTS_0", "WEIGHTS_0"} <= set(meshes["throat"]["primitives"][0]["attributes"])
    assert [g["nodes"][j]["name"] for j in g["skins"][0]["joints"]] == ["avatar", "neck", "head"]
    for side in ("Left", "Right"):  # turning an eye must turn its ball about the eye's centre
        eye = next(n for n in g["nodes"] if n["name"] == f"eye{side}")
        ball = next(n for n in g["nodes"] if n["name"] == f"eyeball{side}")
        assert "mesh" not in eye
        assert max(map(abs, ball.get("translation", [0]))) < 1e-5
