"""Torso and collars as distance fields, and their trims (drawstrings, ribs, buttons)."""

import numpy as np

from .mesh import Array, Mesh, catmull, grid_quads, join, mix, smooth_values, smoothstep, tube, vertex_normals
from .sdf import Field, cull, ellipsoid, lock, occlusion, rotation, smin, surface_nets

TILT = rotation((1, 0, 0), 16)
ARM = np.array(
    [
        [0.10, -1.62, -0.17],
        [0.62, -1.78, -0.17],
        [0.98, -2.06, -0.16],
        [1.16, -2.6, -0.08],
        [1.22, -3.2, -0.02],
    ]
)


def _torso(build: float) -> Field:
    def distance(p: Array) -> Array:
        s = np.stack([np.abs(p[..., 0]) / build, p[..., 1], p[..., 2]], -1)
        d = ellipsoid(s, (0, -2.55, -0.12), (1.02, 1.05, 0.66))
        return smin(d, lock(s, ARM, [0.36, 0.36, 0.36, 0.33, 0.32], 12), 0.16) * min(build, 1.0)

    return distance


def _around(p: Array) -> tuple[Array, Array, Array]:
    """Tilted cylinder coordinates of the neckline: distance from its axis, height, angle from the front."""
    h = (p - [0, -1.34, -0.12]) @ TILT
    return np.hypot(h[..., 0], h[..., 2]), h[..., 1], np.abs(np.arctan2(h[..., 0], h[..., 2]))


def _hood(p: Array) -> Array:
    """Folded hood: a tilted ring round the neck, fat at the back, its thin edges meeting in a V in front."""
    h = (p - [0, -1.34, -0.12]) @ TILT
    ang = np.abs(np.arctan2(h[..., 0], h[..., 2]))  # 0 = front
    back = smoothstep(0.4, np.pi, ang)
    ring = np.hypot(h[..., 0], h[..., 2] / (1.04 - 0.04 * back)) - (0.50 + 0.115 * back)
    minor = 0.090 + 0.13 * back
    y = h[..., 1] + 0.20 * np.exp(-((ang / 0.45) ** 2)) - 0.07 * back
    lean = ring - 0.40 * y * (1 - back)
    return (np.hypot(lean, y / (1.75 - 0.35 * back)) - minor) * 0.75


def _turtle(p: Array) -> Array:
    """Rolled collar standing up round the neck."""
    r, y, ang = _around(p)
    y = y - 0.02 + 0.10 * np.cos(ang)
    body = np.hypot(r - 0.435 - 0.15 * np.clip(-y, 0, 1), (y + 0.06) / 4.4) - 0.062
    return smin(body, np.hypot(r - 0.50, (y + 0.06) / 1.8) - 0.058, 0.04) * 0.8


SCULPTED: dict[str, tuple[Field, float]] = {
    "hoodie": (_hood, 0.078),
    "turtle": (_turtle, 0.066),
}  # field, cell size


def _on_torso(torso: Field, r: Array, ang: Array) -> Array:
    """Height of the torso's upper surface at neckline coordinates (angle 0 = front)."""
    y = np.linspace(-1.15, -2.7, 280)
    x, z = r * np.sin(ang), -0.12 + r * np.cos(ang)
    p = np.stack([np.broadcast_to(v, (280, len(r))) for v in (x, y[:, None], z)], -1)
    lie = y[np.argmax(torso(p.reshape(-1, 3)).reshape(280, -1) < 0, axis=0)]
    soft = np.convolve(np.r_[lie[-5:], lie, lie[:5]], np.full(11, 1 / 11), "valid")
    return np.maximum(lie, soft)  # a collar bridges the dip in the nape


def _ring(r: Array, y: Array, ang: Array, closed: bool) -> Mesh:
    """Surface through a loop of profile points (columns) at each angle (rows)."""
    p = np.stack([r * np.sin(ang)[:, None], y, -0.12 + r * np.cos(ang)[:, None]], -1)
    n = p.shape[1]
    if closed:
        p = np.concatenate([p, p[:1]])
        return Mesh(p.reshape(-1, 3), grid_quads(len(p), n, flip=True))
    tri = [grid_quads(len(p), n, flip=True)]
    for row, way in ((0, 1), (len(p) - 1, -1)):  # fans close both ends
        ring = row * n + np.arange(n)
        tri.append(np.stack([np.full(n, len(p) * n + (way < 0)), ring, np.roll(ring, -1)], -1)[:, ::way])
    return Mesh(np.vstack([p.reshape(-1, 3), p[0].mean(0), p[-1].mean(0)]), np.vstack(tri))


def _crew(torso: Field, segments: int = 40, sides: int = 8) -> Mesh:
    """Ribbed round neckline lying on the torso."""
    ang = np.linspace(0, 2 * np.pi, segments, endpoint=False)
    middle = np.full(segments, 0.378) + 0.035 * np.cos(ang)
    lie = _on_torso(torso, middle, ang)
    turn = np.linspace(0, 2 * np.pi, sides, endpoint=False)
    r = middle[:, None] + 0.058 * np.cos(turn)
    return _ring(r, lie[:, None] + 0.02 + 0.046 * np.sin(turn) - 0.55 * (r - middle[:, None]), ang, True)


def _polo(torso: Field, segments: int = 38) -> Mesh:
    """Turned-down collar, open in front: a stand round the neck, and a blade that falls to two points."""
    ang = np.linspace(0.30, 2 * np.pi - 0.30, segments)
    front = np.exp(-((np.minimum(ang, 2 * np.pi - ang) / 0.62) ** 2))
    back = 0.5 - 0.5 * np.cos(ang)
    stand, edge = 0.420 + 0.02 * back, 0.545 + 0.13 * front**2
    foot, fall = _on_torso(torso, stand, ang), _on_torso(torso, edge, ang)
    top = foot + 0.10 + 0.10 * back
    profile = [
        (stand - 0.012, foot - 0.06),
        (stand - 0.010, mix(foot, top, 0.6)),
        (stand + 0.012, top),
        (stand + 0.045, top + 0.004),
        (mix(stand, edge, 0.55), mix(top, fall + 0.07, 0.42)),
        (edge, fall + 0.060),
        (edge + 0.012, fall + 0.022),
        (edge - 0.05, fall + 0.006),
        (mix(stand, edge, 0.5), mix(top, fall, 0.55) - 0.05),
    ]
    r, y = (np.stack([p[i] for p in profile[::-1]], -1) for i in (0, 1))
    return _ring(r, y, ang, False)


def cloth_distance(kind: str, build: float) -> Field:
    torso = _torso(build)
    if kind not in SCULPTED:
        return torso
    collar = SCULPTED[kind][0]
    return lambda p: np.minimum(torso(p), collar(p))


def cloth_mesh(kind: str, build: float) -> tuple[Mesh, Mesh | None]:
    """(cloth, trim): the trim is a second colour, or None. A crew neckline is itself trim."""
    torso_f, all_f = _torso(build), cloth_distance(kind, build)
    torso = surface_nets(torso_f, (-1.75, -3.0, -1.25), (1.75, -0.75, 0.95), 0.125)
    torso = cull(torso, (np.hypot(torso.pos[:, 0], torso.pos[:, 2] + 0.13) < 0.36) & (torso.pos[:, 1] > -2.0))
    if kind in SCULPTED:
        field, cell = SCULPTED[kind]
        collar = surface_nets(field, (-1.1, -2.1, -1.3), (1.1, -0.7, 0.9), cell)
        collar = cull(collar, torso_f(collar.pos) < -0.05)
    else:
        collar = _crew(torso_f) if kind == "crew" else _polo(torso_f)
    for m in (torso, collar):
        n = vertex_normals(m.pos, m.tri)
        open_ = smooth_values(m.tri, occlusion(all_f, m.pos, n, 0.30, 5, 0.9 if kind in SCULPTED else 0.5), 6)
        m.color = mix(np.array([0.42, 0.40, 0.47]), np.ones(3), smoothstep(0.2, 0.95, open_)[:, None])
        m.open = smoothstep(0.15, 0.8, open_)
    if kind == "crew":
        return torso, collar
    return join(torso, collar), {"hoodie": _cords, "turtle": lambda: None, "polo": lambda: _buttons(torso_f)}[kind]()


def _cords() -> Mesh:
    """A hoodie's drawstrings."""
    out = []
    for x in (-0.15, 0.15):
        keys = [
            [x * 0.9, -1.60, 0.50],
            [x, -1.70, 0.60],
            [x * 1.15, -1.88, 0.63],
            [x * 1.2, -2.06, 0.63],
            [x * 1.2, -2.14, 0.63],
        ]
        r = np.r_[np.full(10, 0.022), 0.022, 0.034, 0.034, 0.008]
        out.append(Mesh(*tube(catmull(keys, 14), r, r, np.tile([0, 0, 1.0], (14, 1)), 6)).tint((1, 1, 1)))
    return join(*out)


def _buttons(torso: Field) -> Mesh:
    out = []
    for y in (-1.80, -2.02):
        z = np.linspace(1.2, 0, 400)
        at = z[np.argmax(torso(np.column_stack([np.zeros(400), np.full(400, y), z])) < 0)]
        path = np.column_stack([np.zeros(5), np.full(5, y), at + np.array([-0.02, 0.012, 0.024, 0.028, 0.029])])
        r = np.array([0.038, 0.038, 0.032, 0.018, 0.001])
        out.append(Mesh(*tube(path, r, r, np.tile([0, 1.0, 0], (5, 1)), 12)).tint((1, 1, 1)))
    return join(*out)
