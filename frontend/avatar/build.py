"""Assemble one look into a GLB."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from . import clothes, lids, rig, teeth
from .face import Face
from .glasses import glasses, moustache
from .gltf import Glb
from .hair import hair_distance, hair_mesh
from .head import Head
from .looks import Look
from .mesh import Array, Mesh, join, mirrored, mix, smooth_values, smoothstep
from .neck import ear, throat
from .sdf import Field, occlusion
from .skin import skin_mesh

NECK_AT, HEAD_AT = np.array([0, -1.35, -0.12]), np.array([0, -0.85, -0.10])
ROOT_AT = np.zeros(3)
SHADOW_TINT = (0.55, 0.42, 0.42)  # what skin keeps where hair or chin fully shade it


@dataclass(frozen=True, slots=True)
class Report:
    """Sizes of one built look."""

    bytes: int
    triangles: int
    draws: int
    morphs: int
    parts: dict[str, int] = field(default_factory=dict)


def _shade(m: Mesh, *fields: Field, reach: float = 0.30, strength: float = 0.9) -> None:
    """Darken vertex colours by the occlusion of neighbouring parts (hair over forehead, chin over neck)."""
    n = m.normals()
    open_ = np.ones(len(m.pos))
    for f in fields:
        open_ *= occlusion(f, m.pos, n, reach, 5, strength)
    open_ = smooth_values(m.tri, open_, 2)
    m.open = smoothstep(0, 0.7, open_) * (1 if m.open is None else m.open)
    m.color = m.color * mix(SHADOW_TINT, np.ones(3), smoothstep(0.1, 1, open_)[:, None])


def parts_of(look: Look) -> dict[str, Mesh]:
    """Every mesh of a look by its node name, in the generator's head space."""
    face = look.face
    head, hair = Head(face), look.hair(face)
    left = ear(face)
    skin = join(skin_mesh(head), left, mirrored(left))
    assert skin.wrinkle is not None
    skin.morphs = rig.skin_morphs(head, len(skin.pos) - head.n)
    over_hair = hair_distance(face, hair)
    _shade(skin, over_hair)
    body, trim = clothes.cloth_mesh(look.clothes, look.build)
    neck = throat(face, look.girth)
    _shade(
        neck,
        face.skull_distance,
        clothes.cloth_distance(look.clothes, look.build),
        over_hair,
        reach=0.45,
        strength=1.1,
    )
    _shade(body, over_hair, face.skull_distance, reach=0.35, strength=0.8)
    up, low = teeth.teeth(face)
    brows = rig.brow_mesh(face)
    if look.moustache:
        brows = join(brows, rig.grow_on_skin(moustache(head), head, {k: d[: head.n] for k, d in skin.morphs.items()}))
    out = {
        "body": body,
        "trim": trim,
        "throat": neck,
        "face": skin,
        "hair": hair_mesh(face, hair),
        "brows": brows,
        "lashes": rig.lash_mesh(face),
    }
    out["mouth"] = rig.mouth_mesh(face, up, low, teeth.tongue(face))
    out["glasses"] = glasses(face, look.glasses) if look.glasses else None
    out["eyeball"] = lids.eyeball()
    return {k: m for k, m in out.items() if m is not None}


def _linear(colour: str) -> tuple[float, float, float]:
    """sRGB hex to the linear factors that glTF wants."""
    c = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    r, g, b = np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)
    return round(float(r), 5), round(float(g), 5), round(float(b), 5)


def build(look: Look, path: Path) -> Report:
    parts, face, tone = parts_of(look), look.face, look.colours
    g = Glb()
    material = {
        "skin": g.material("skin", _linear(tone["skin"]), 0.5),
        "hair": g.material("hair", _linear(tone["hair"]), 0.5),
        "brow": g.material("brow", _linear(tone["brows"]), 0.6),
        "lash": g.material("lash", (0.02, 0.012, 0.01), 0.6),
        "cloth": g.material("cloth", _linear(tone["clothes"]), 0.85),
        "trim": g.material("trim", _linear(tone["trim"]), 0.8),
        "mouth": g.material("mouth", (1, 1, 1), 0.35),
        "eye": g.material("eye", (1, 1, 1), 0.1),
    }
    if look.glasses:
        material["frame"] = g.material("frame", _linear(tone["frame"]), 0.35)
    root = g.node("avatar")

    def put(name: str, kind: str, parent: int, origin: Array) -> int | None:
        return g.node(name, parent, g.mesh(name, parts[name], material[kind], origin)) if name in parts else None

    put("body", "cloth", root, ROOT_AT)
    put("trim", "trim", root, ROOT_AT)
    throat_node = put("throat", "skin", root, ROOT_AT)
    neck = g.node("neck", root, at=NECK_AT)
    head = g.node("head", neck, at=HEAD_AT - NECK_AT)
    assert throat_node is not None
    g.skin(throat_node, {root: ROOT_AT, neck: NECK_AT, head: HEAD_AT})
    for name, kind in (
        ("face", "skin"),
        ("hair", "hair"),
        ("brows", "brow"),
        ("lashes", "lash"),
        ("mouth", "mouth"),
        ("glasses", "frame"),
    ):
        put(name, kind, head, HEAD_AT)
    ball = g.mesh("eyeball", parts["eyeball"], material["eye"])
    for side, sign in (("Left", 1), ("Right", -1)):
        g.node(f"eyeball{side}", g.node(f"eye{side}", head, at=face.eye * [sign, 1, 1] - HEAD_AT), ball)
    size = g.save(path)
    count = {k: len(m.tri) * (2 if k == "eyeball" else 1) for k, m in parts.items()}
    return Report(size, sum(count.values()), len(count) + 1, len(parts["face"].morphs), count)


__all__ = ["Face", "Report", "build", "parts_of"]
