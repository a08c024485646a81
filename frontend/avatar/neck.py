"""Neck (skinned between the torso, the neck and the head) and ears that grow out of the skull."""

import numpy as np

from .face import Face
from .mesh import Mesh, catmull, grid_quads, mix, smoothstep
from .sdf import cull, ellipsoid, gradient, occlusion, rotation, smax, smin, surface_nets

JOINTS = ("avatar", "neck", "head")


def throat(face: Face, girth: float = 1.0, sides: int = 24) -> Mesh:
    rows = [
        [-0.80, 0.27, -0.14],
        [-0.92, 0.335, -0.13],
        [-1.10, 0.350, -0.12],
        [-1.28, 0.365, -0.13],
        [-1.44, 0.375, -0.12],
        [-1.64, 0.385, -0.10],
    ]
    a = np.arange(sides) / sides * 2 * np.pi
    path = catmull(rows, 13)
    p = np.concatenate(
        [
            np.column_stack([girth * r * np.sin(a), np.full(sides, y), z + girth * r * 0.98 * np.cos(a)])
            for y, r, z in path
        ]
    )
    m = Mesh(p, grid_quads(len(path), sides, flip=True)).tint((1, 1, 1))
    to_neck = smoothstep(-1.56, -1.26, p[:, 1])
    to_head = smoothstep(-1.20, -0.86, p[:, 1])
    m.joints = np.column_stack([1 - to_neck, to_neck * (1 - to_head), to_neck * to_head, np.zeros(len(p))])
    return m


def ear(face: Face, cell: float = 0.031) -> Mesh:
    """Left ear: a soft disc with a carved bowl, flaring into the skull so that no seam shows."""
    size = face.ear
    at = np.array([face.width + 0.000, -0.13, -0.02])
    rot = rotation((0, 1, 0), -30) @ rotation((1, 0, 0), 10)

    def disc(p: np.ndarray) -> np.ndarray:
        q = ((p - at) @ rot) / size
        d = ellipsoid(q, (0.02, 0.03, 0.0), (0.085, 0.215, 0.150))
        d = smin(d, ellipsoid(q, (0.0, -0.15, 0.02), (0.07, 0.085, 0.085)), 0.06)
        d = smax(d, -ellipsoid(q, (0.105, 0.035, 0.015), (0.072, 0.135, 0.085)), 0.045)
        return smin(d, ellipsoid(q, (0.015, -0.01, 0.09), (0.06, 0.06, 0.045)), 0.04) * size

    def both(p: np.ndarray) -> np.ndarray:
        return smin(disc(p), face.skull_distance(p) + 0.006, 0.075)

    m = surface_nets(both, (0.62, -0.52, -0.40), (1.22, 0.34, 0.32), cell)
    flat = disc(m.pos) > 0.088  # beyond the flare there is only skull
    inner = face.skull_distance(m.pos) < -0.03
    m = cull(m, flat | inner)
    # Where the flare thins out, sink onto the skull and borrow its normal: the eye finds no edge.
    blend = smoothstep(0.035, 0.080, disc(m.pos))
    level = face.skull_level(m.pos)
    m.pos = mix(m.pos, m.pos / level[:, None] * 0.998, (blend * (level < 1.06))[:, None])
    m.lean = (blend, gradient(face.skull_distance, m.pos))
    n = m.normals()
    open_ = occlusion(disc, m.pos, n, 0.12, 4, 1.0)
    warm = (
        mix(np.array([1.0, 0.64, 0.58]), np.array([1, 0.90, 0.88]), smoothstep(0.2, 1, open_)[:, None])
        * mix(0.78, 1, open_)[:, None]
    )
    m.color = mix(warm, np.ones(3), blend[:, None])
    m.open = mix(smoothstep(0.1, 0.8, open_), 1, blend)
    return m
