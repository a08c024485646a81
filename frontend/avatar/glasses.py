"""Spectacle frames and a moustache: what sits on a face."""

import numpy as np

from .face import Face
from .head import Head
from .mesh import Array, Mesh, catmull, join, mirrored, tube

SHAPES: dict[str, tuple[float, float, float]] = {  # half width, half height, squareness (2 = round)
    "round": (0.335, 0.325, 2.0),
    "square": (0.350, 0.265, 3.6),
    "cat": (0.360, 0.285, 2.6),
}


def glasses(face: Face, kind: str) -> Mesh:
    half_w, half_h, power = SHAPES[kind]
    cx, cy = face.eye_x + 0.03, face.eye_y - 0.035
    a = np.linspace(0, 2 * np.pi, 31)
    c, s = np.cos(a), np.sin(a)
    x = cx + half_w * np.sign(c) * np.abs(c) ** (2 / power)
    y = cy + half_h * np.sign(s) * np.abs(s) ** (2 / power)
    if kind == "cat":
        y = y + 0.07 * np.clip((x - cx) / half_w, 0, 1) ** 2 * (s > -0.3)

    def plane(px: Array) -> Array:
        return 0.985 - 0.20 * np.clip((np.abs(px) - 0.1) / 0.6, 0, 2) ** 2  # wraps round the face a little

    rim_path = np.column_stack([x, y, plane(x)])
    pos, tri = tube(rim_path, 0.020, 0.024, np.tile([0, 0, 1.0], (31, 1)), 6)
    rim = Mesh(pos, tri)
    end = np.array([cx + half_w * 0.985, cy + 0.09, 0.0])
    end[2] = plane(end[:1])[0]
    ear = np.array([face.width + 0.035, cy + 0.08, -0.02])
    bend = np.array([face.width + 0.03, end[1] + 0.01, 0.35])
    path = catmull(
        [
            end,
            [end[0] + 0.045, end[1] + 0.005, end[2] - 0.10],
            bend,
            ear,
            ear + np.array([-0.06, -0.10, -0.10]),
        ],
        12,
    )
    arm = Mesh(*tube(path, 0.018, 0.026, np.tile([1.0, 0, 0], (12, 1)), 5))
    half = join(rim, arm)
    inner = cx - half_w
    nose = max(float(face.depth(np.zeros(1), np.full(1, cy + 0.07))[0]) + 0.035, float(plane(np.array([inner]))[0]))
    keys = [
        [-inner, cy + 0.05, plane(np.array([inner]))[0]],
        [0, cy + 0.085, nose],
        [inner, cy + 0.05, plane(np.array([inner]))[0]],
    ]
    bridge = Mesh(*tube(catmull(keys, 9), 0.018, 0.020, np.tile([0, 0, 1.0], (9, 1)), 6))
    return join(half, mirrored(half), bridge).tint((1, 1, 1))


def moustache(head: Head) -> Mesh:
    """Two soft tapered halves between nose and lip."""
    face = head.face
    u = np.linspace(0, 1, 12)
    keys = catmull(
        [
            [0.006, face.mouth_y + 0.128],
            [0.10, face.mouth_y + 0.118],
            [0.20, face.mouth_y + 0.075],
            [0.285, face.mouth_y + 0.005],
        ],
        12,
    )
    x, y = keys.T
    path = np.column_stack([x, y, face.depth(x, y) + 0.022])
    w = 0.054 * np.interp(u, [0, 0.15, 0.5, 0.85, 1], [0.65, 1, 0.95, 0.5, 0.08])
    half = Mesh(*tube(path, w * 0.75, w, face.front_normal(x, y), 8))
    return join(half, mirrored(half)).tint((1, 1, 1))
