"""Inside of the mouth: two rows of single teeth on an arch as wide as the smile, and the tongue."""

import numpy as np

from .face import Face
from .mesh import Array, Index, Mesh, catmull, grid_quads, mix, smoothstep, tube

ARCH_WIDTH, ARCH_DEPTH = 0.372, 0.27
UPPER = (0.090, 0.070, 0.072, 0.066, 0.066, 0.072)  # widths from the middle outwards
LOWER = (0.058, 0.062, 0.070, 0.068, 0.068, 0.076)
ACROSS = np.array([0.0, 0.13, 0.36, 0.64, 0.87])  # columns of one tooth; the next tooth's first closes it


def _arch(face: Face, arc: Array, back: float, wide: float) -> tuple[Array, Array]:
    """Points and outward directions (x, z) on the dental arch at signed arc lengths from its middle."""
    a = np.linspace(-np.pi / 2, np.pi / 2, 801)
    power = 2 / 2.4  # a little fuller than an ellipse
    x = ARCH_WIDTH * wide * (face.mouth_half / 0.262) ** 0.7 * np.sign(np.sin(a)) * np.abs(np.sin(a)) ** power
    z = face.mouth_z - back - ARCH_DEPTH * (1 - np.abs(np.cos(a)) ** power)
    s = np.r_[0, np.cumsum(np.hypot(np.diff(x), np.diff(z)))]
    s -= s[400]
    point = np.stack([np.interp(arc, s, x), np.interp(arc, s, z)], -1)
    e = 4e-3
    tangent = np.stack(
        [
            np.interp(arc + e, s, x) - np.interp(arc - e, s, x),
            np.interp(arc + e, s, z) - np.interp(arc - e, s, z),
        ],
        -1,
    )
    tangent /= np.linalg.norm(tangent, axis=1, keepdims=True)
    return point, np.stack([-tangent[:, 1], tangent[:, 0]], -1)


def _row(face: Face, widths: tuple[float, ...], gum: float, edge: float, back: float, wide: float = 1.0) -> Mesh:
    """One row of teeth from its gum height to its biting edge (both relative to the mouth line)."""
    sizes = np.r_[widths[::-1], widths]
    starts = np.r_[0, np.cumsum(sizes)] - sizes.sum() / 2
    arc = np.concatenate([s + ACROSS * w for s, w in zip(starts, sizes, strict=False)] + [starts[-1:]])
    local = np.r_[np.tile(ACROSS, len(sizes)), 0.0]
    rank = np.repeat(np.abs(np.arange(len(sizes)) - len(sizes) / 2 + 0.5), len(ACROSS))
    rank = np.r_[rank, rank[-1]]
    seam = np.clip(np.abs(2 * local - 1), 0, 1) ** 5  # 1 in the gap between two teeth
    point, out = _arch(face, arc, back, wide)
    height = (edge - gum) * (1 - 0.045 * np.clip(rank - 0.5, 0, 4))  # back teeth are shorter
    # profile from the gum over the front and the edge to the back: share of height, thickness, whiteness
    profile = [
        (-0.45, 0.004, 0),
        (-0.04, 0.010, 0),
        (0.10, 0.020, 1),
        (0.50, 0.030, 1),
        (0.90, 0.026, 1),
        (1.0, 0.004, 1),
        (0.9, -0.03, 0.7),
    ]
    pos, color = [], []
    for share, thick, white in profile:
        scallop = -0.05 * seam if share > 0.8 else (0.09 * seam if 0 < share < 0.2 else 0)
        t = thick - 0.016 * seam * (white > 0)
        reach = np.where(
            share < 0, 1 - 0.85 * np.clip(rank / 4, 0, 1), 1.0
        )  # little gum at the sides: the chin is narrow
        y = face.mouth_y + gum + height * (share * reach + scallop)
        pos.append(np.column_stack([point[:, 0] + out[:, 0] * t, y, point[:, 1] + out[:, 1] * t]))
        tooth = np.array([0.97, 0.93, 0.86]) * (1 - 0.24 * seam)[:, None]
        color.append(mix(np.array([0.62, 0.24, 0.23]), tooth, white))
    p = np.concatenate(pos)
    far = smoothstep(face.mouth_z - back - 0.05, face.mouth_z - back - 0.26, p[:, 2])
    m = Mesh(p, grid_quads(len(profile), len(arc), wrap=False, flip=edge < gum))
    m.color = np.concatenate(color) * (1 - 0.62 * far)[:, None]
    return m


def teeth(face: Face) -> tuple[Mesh, Mesh]:
    return _row(face, UPPER, 0.085, -0.036, 0.150), _row(face, LOWER, -0.150, -0.034, 0.190, 0.90)


def tongue_points(
    face: Face, out: float = 0.0, up: float = 0.0, tip: float = 0.0, n: int = 16, sides: int = 12
) -> tuple[Array, Index]:
    """Soft tongue. out: far out of the mouth; up: tip to the palate; tip: between the teeth (th)."""
    y, z = face.mouth_y, face.mouth_z

    def line(*yz: tuple[float, float]) -> Array:
        return np.array([[0, y + dy, z + dz] for dy, dz in yz])

    rest = line((-0.20, -0.62), (-0.115, -0.50), (-0.105, -0.36), (-0.140, -0.225))
    stick = line((-0.20, -0.60), (-0.075, -0.36), (-0.055, -0.06), (-0.185, 0.105))
    lift = np.array([[0, 0, 0], [0, 0.03, 0], [0, 0.095, 0.03], [0, 0.165, 0.035]])
    between = line((-0.20, -0.60), (-0.06, -0.40), (-0.02, -0.20), (-0.010, -0.045))
    path = catmull(mix(mix(rest, stick, out), between, tip) + lift * up, n)
    u = np.sin(np.linspace(0, 1, n) * np.pi / 2)  # rings crowd towards the rounded tip
    path = np.stack([np.interp(u, np.linspace(0, 1, n), path[:, i]) for i in range(3)], -1)
    round_tip = np.sqrt(np.clip(1 - (np.clip(u - 0.55, 0, 1) / 0.455) ** 2, 0, 1))
    w = 0.165 * np.interp(u, [0, 0.3, 1], [0.65, 1, 1]) * round_tip * (1 - 0.15 * out)
    t = 0.062 * np.interp(u, [0, 0.4, 1], [1, 1, 0.75]) * round_tip**0.8
    pos, tri = tube(path, t, w, np.tile([0, 1.0, 0.15], (n, 1)), sides)
    groove = np.cos(np.arange(sides) / sides * 2 * np.pi).reshape(1, -1) ** 9
    grid = pos.reshape(n, sides, 3)
    grid[..., 1] -= 0.022 * np.clip(groove, 0, 1) * np.sin(np.pi * u)[:, None]
    pos = np.vstack([grid.reshape(-1, 3), path[-1] + (path[-1] - path[-2]) * 0.12])
    last = (n - 1) * sides + np.arange(sides)
    cap = np.stack([last, np.roll(last, -1), np.full(sides, n * sides)], -1)
    return pos, np.vstack([tri, cap])


def tongue(face: Face) -> Mesh:
    pos, tri = tongue_points(face)
    m = Mesh(pos, tri).tint((0.82, 0.29, 0.29))
    m.color = m.color * mix(0.35, 1, smoothstep(face.mouth_z - 0.58, face.mouth_z - 0.25, pos[:, 2]))[:, None]
    return m
