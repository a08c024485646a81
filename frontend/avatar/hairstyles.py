"""The styles. Control points are (azimuth, elevation, lift, half width[, drop]) on the head, root to tip:
azimuth in degrees from the front (the avatar's left positive); lift above the skull, drop straight down."""

from collections.abc import Sequence

import numpy as np
from scipy.interpolate import PchipInterpolator

from .face import Face
from .hair import Cap, Hair, Lock
from .mesh import Array, mix, smoothstep

Points = Sequence[Sequence[float]]
# fmt: off
FULL = ((0, 45), (14, 44.5), (30, 42), (45, 37.5), (60, 29), (70, 14), (78, -8), (84, -10), (92, 6),
        (110, 2), (125, -22), (150, -36), (180, -38))
# fmt: on


def _lock(face: Face, points: Points, thick: float = 0.5, rows: int = 11) -> Lock:
    path = np.array([face.on_head(*q[:3]) - [0, q[4] if len(q) > 4 else 0, 0] for q in points])
    return Lock(path, np.array([q[3] for q in points]), thick, rows)


def _mirror(points: Points) -> list[list[float]]:
    return [[-q[0], *q[1:]] for q in points]


def _padded(points: Points) -> Array:
    return np.array([[*q, *[0.0] * (5 - len(q))] for q in points])


def _sheet(
    face: Face,
    guides: Sequence[Points],
    count: int,
    seed: int,
    jitter: float = 1.0,
    thick: float = 0.5,
    rows: int = 11,
) -> list[Lock]:
    """`count` locks between the guides, each a little different."""
    rng = np.random.default_rng(seed)
    keys = np.array([_padded(g) for g in guides])
    out = []
    for t in np.linspace(0, len(keys) - 1, count):
        i = min(int(t), len(keys) - 2) if len(keys) > 1 else 0
        pts = mix(keys[i], keys[min(i + 1, len(keys) - 1)], t - i)
        along = np.linspace(0, 1, len(pts)) ** 1.5
        pts[:, 0] += jitter * rng.normal(0, 1.8) * along
        pts[:, 1] += jitter * rng.normal(0, 1.8) * along
        pts[:, 2] += jitter * rng.uniform(-0.020, 0.030) * np.sin(np.pi * np.linspace(0, 1, len(pts)) ** 0.7)
        pts[-1, 4] += jitter * rng.uniform(-0.04, 0.06) * (pts[-1, 4] > 0)
        out.append(_lock(face, pts, thick, rows))
    return out


def _split(face: Face, points: Points, n: int, seed: int, spread: float = 0.62, rows: int = 11) -> list[Lock]:
    """Divide one broad lock into n finer ones that part towards the tip."""
    whole, rng = _lock(face, points), np.random.default_rng(seed)
    tangent = np.gradient(whole.path, axis=0)
    side = np.cross(tangent, whole.path)
    side /= np.linalg.norm(side, axis=1, keepdims=True)
    up = whole.path / np.linalg.norm(whole.path, axis=1, keepdims=True)
    out = []
    for k in range(n):
        at = (2 * k / (n - 1) - 1) * spread
        along = np.linspace(0, 1, len(points))
        path = whole.path + side * (whole.width * at)[:, None]
        path += up * (whole.width * (0.22 * (1 - at**2) - 0.10) + 0.02 * rng.normal() * along)[:, None]
        stretch = 1 + 0.10 * rng.uniform(-1, 0.6)
        path[-1] = mix(path[-2], path[-1], stretch)
        out.append(Lock(path, whole.width * np.r_[np.full(len(points) - 1, 1.30 / n**0.75), 0.5], 0.62, rows))
    return out


def _over(face: Face, lateral: float, points: Points, thick: float = 0.5, rows: int = 12) -> Lock:
    """A lock combed from front to back: points are (angle, lift, half width); 90 is the crown."""
    b = np.radians(lateral)
    path = []
    for angle, lift, _ in points:
        a = np.radians(angle)
        d = np.array([[np.sin(b), np.cos(b) * np.sin(a), np.cos(b) * np.cos(a)]])
        path.append(face.skull(d)[0] + lift * d[0])
    return Lock(np.array(path), np.array([q[2] for q in points]), thick, rows)


def _balls(
    face: Face,
    cap: Cap,
    gap: float,
    lift: float,
    radius: float,
    seed: int,
    above: float = -90.0,
    wild: float = 0.25,
    margin: float = 4,
) -> Array:
    """Curl balls spread evenly over the hair-covered scalp, above an elevation in degrees."""
    rng = np.random.default_rng(seed)
    line = PchipInterpolator(*np.array(cap.line).T)
    d = rng.normal(size=(6000, 3))
    d /= np.linalg.norm(d, axis=1, keepdims=True)
    az, el = np.degrees(np.abs(np.arctan2(d[:, 0], d[:, 2]))), np.degrees(np.arcsin(d[:, 1]))
    d = d[el > np.maximum(line(az) + margin, above)]
    kept: list[Array] = []
    for q in d:
        if all(((q - k) ** 2).sum() > gap * gap for k in kept):
            kept.append(q)
    q = np.array(kept)
    r = radius * (1 + wild * rng.uniform(-1, 1, len(q)))
    return np.column_stack([face.skull(q) + (lift * (1 + wild * rng.uniform(-1, 1, len(q))))[:, None] * q, r])


# From here on mostly tables of control points.
# fmt: off
SWEEP: list[Points] = [
    [(42, 64, 0.02, 0.10), (22, 60, 0.13, 0.19), (-8, 50, 0.18, 0.23), (-36, 36, 0.15, 0.20),
        (-58, 20, 0.07, 0.13), (-70, 4, 0.01, 0.05)],
    [(46, 73, 0.02, 0.12), (12, 76, 0.18, 0.23), (-34, 64, 0.20, 0.26), (-68, 44, 0.13, 0.21),
        (-86, 22, 0.05, 0.14), (-94, 0, 0.0, 0.05)],
    [(41, 60, 0.02, 0.10), (28, 51, 0.11, 0.15), (8, 42, 0.15, 0.18), (-11, 33, 0.14, 0.135),
        (-22, 27, 0.125, 0.095), (-30, 22, 0.115, 0.035)],
    [(44, 62, 0.02, 0.10), (49, 49, 0.11, 0.14), (45, 37, 0.12, 0.125), (37, 29, 0.10, 0.095),
        (29, 24, 0.085, 0.035)],
    [(45, 62, 0.02, 0.10), (57, 50, 0.11, 0.17), (70, 34, 0.09, 0.17), (80, 16, 0.03, 0.12),
        (86, -2, 0.0, 0.05)],
    [(60, 76, 0.02, 0.12), (84, 62, 0.10, 0.22), (100, 40, 0.05, 0.20), (106, 16, 0.0, 0.15),
        (104, -8, 0.0, 0.06)],
    [(20, 86, 0.04, 0.15), (150, 78, 0.04, 0.24), (150, 50, 0.0, 0.24), (148, 14, -0.03, 0.22),
        (152, -28, -0.03, 0.06)],
    [(-60, 84, 0.04, 0.15), (-140, 72, 0.04, 0.24), (-140, 46, 0.0, 0.24), (-136, 12, -0.03, 0.22),
        (-148, -28, -0.03, 0.06)],
    [(180, 88, 0.02, 0.15), (180, 66, 0.0, 0.24), (180, 36, 0.0, 0.25), (180, 0, -0.03, 0.24),
        (180, -32, -0.03, 0.06)],
    [(-95, 70, 0.05, 0.14), (-100, 52, 0.06, 0.20), (-106, 28, 0.02, 0.19), (-106, 2, -0.02, 0.08)],
]


def sweep(face: Face) -> Hair:
    """Tousled and swept to one side."""
    locks = []
    for i, points in enumerate(SWEEP):
        locks += _split(face, points, 4 if i in (0, 1) else 3, i + 1)
    return Hair(Cap(FULL, 0.06), locks)


def waves(face: Face) -> Hair:
    """Shoulder-length waves from a side parting."""
    right = [
        [(24, 64, 0.02, 0.09), (0, 55, 0.09, 0.14), (-36, 42, 0.12, 0.17), (-62, 24, 0.11, 0.16),
            (-72, -2, 0.15, 0.15), (-73, -14, 0.19, 0.15, 0.28), (-70, -14, 0.13, 0.12, 0.52),
            (-66, -14, 0.17, 0.05, 0.70)],
        [(24, 74, 0.02, 0.10), (-30, 72, 0.15, 0.17), (-72, 52, 0.17, 0.19), (-90, 22, 0.15, 0.18),
            (-92, -4, 0.18, 0.17), (-92, -14, 0.22, 0.17, 0.30), (-90, -14, 0.16, 0.13, 0.56),
            (-88, -14, 0.20, 0.06, 0.78)],
        [(30, 84, 0.03, 0.10), (-90, 80, 0.13, 0.18), (-112, 54, 0.15, 0.20), (-116, 22, 0.14, 0.19),
            (-116, -4, 0.16, 0.18), (-114, -14, 0.19, 0.18, 0.32), (-112, -14, 0.14, 0.14, 0.60),
            (-110, -14, 0.18, 0.06, 0.84)],
    ]
    left = [
        [(26, 64, 0.02, 0.08), (42, 54, 0.08, 0.12), (60, 36, 0.10, 0.14), (74, 8, 0.12, 0.14),
            (76, -12, 0.14, 0.14, 0.08), (75, -14, 0.18, 0.13, 0.34), (72, -14, 0.12, 0.11, 0.54),
            (69, -14, 0.16, 0.05, 0.70)],
        [(27, 74, 0.02, 0.10), (64, 66, 0.12, 0.16), (88, 44, 0.13, 0.18), (93, 14, 0.14, 0.18),
            (93, -8, 0.17, 0.17, 0.06), (92, -14, 0.21, 0.16, 0.34), (90, -14, 0.15, 0.13, 0.58),
            (88, -14, 0.20, 0.06, 0.78)],
        [(30, 84, 0.03, 0.10), (100, 76, 0.12, 0.18), (114, 50, 0.14, 0.20), (116, 20, 0.14, 0.19),
            (116, -4, 0.16, 0.18), (114, -14, 0.19, 0.18, 0.32), (112, -14, 0.14, 0.14, 0.60),
            (110, -14, 0.18, 0.06, 0.84)],
    ]
    back = [
        [(az, 84, 0.03, 0.12), (az, 58, 0.10, 0.20), (az, 22, 0.12, 0.22), (az, -6, 0.13, 0.21),
            (az, -14, 0.16, 0.20, 0.32), (az, -14, 0.12, 0.16, 0.62), (az, -14, 0.17, 0.07, 0.88)]
        for az in (132, 180, 228)
    ]
    locks = _sheet(face, right, 9, 3, rows=20) + _sheet(face, left, 8, 4, rows=20)
    locks += _sheet(face, back, 7, 5, rows=18)
    return Hair(Cap(FULL, 0.06), locks)


def bun(face: Face) -> Hair:
    """Straight fringe, hair gathered into a bun."""
    fringe = [
        [(s * 0.55, 74, 0.03, 0.06), (s * 0.85, 58, 0.11, 0.10), (s, 42, 0.125, 0.105),
            (s * 1.04, 28, 0.10, 0.09), (s * 1.05, low, 0.075, 0.045)]
        for s, low in ((-54, 8), (-34, 15), (0, 17), (34, 15), (54, 8))
    ]
    locks = _sheet(face, fringe, 11, 8, 0.7, 0.45, 9)
    strand = [(50, 56, 0.05, 0.05), (66, 34, 0.09, 0.09), (75, 6, 0.06, 0.085), (76, -16, 0.05, 0.06),
              (73, -30, 0.05, 0.012)]
    locks += [_lock(face, strand), _lock(face, _mirror(strand))]
    centre = np.array([0, 1.32, -0.42])
    for az in np.r_[np.linspace(64, 296, 13)]:
        base = 12 if 75 < az < 285 else 34
        if 112 < az < 248:
            base = -26
        root = face.on_head(az, base, -0.06)
        mid1, mid2 = face.on_head(az, mix(base, 74, 0.38), 0.055), face.on_head(mix(az, 180, 0.3), 64, 0.07)
        width = 0.15 if 110 < az < 250 else 0.125
        path = np.array([root, mid1, mid2, centre - [0, 0.26, 0]])
        locks.append(Lock(path, np.array([0.07, width, width, 0.07]), 0.42, 8))
    for k in range(7):  # the bun: arcs from its foot to its top, like an orange's segments, twisted
        a = np.radians(k / 7 * 360 + 12)
        ring = []
        for e, r in ((-62, 0.20), (-25, 0.28), (15, 0.27), (50, 0.20), (78, 0.09)):
            b = np.radians(e)
            turn = a + np.radians(0.75 * e)
            out = np.array([np.cos(b) * np.sin(turn), 0.95 * np.sin(b), np.cos(b) * np.cos(turn)])
            ring.append(centre + 1.05 * r * out)
        locks.append(Lock(np.array(ring), np.array([0.09, 0.15, 0.155, 0.13, 0.05]), 0.75, 9))
    return Hair(Cap(FULL, 0.05), locks)


def swept_back(face: Face) -> Hair:
    """Receding at the temples, combed back, short at the sides."""
    line = ((0, 50), (14, 50), (30, 56), (44, 50), (58, 34), (70, 16), (78, -6), (84, -8), (92, 6),
            (110, 2), (125, -22), (150, -34), (180, -36))
    locks = []
    rng = np.random.default_rng(12)
    for lateral in np.linspace(-56, 56, 19):
        front = 52 - 0.12 * abs(lateral) + (6 if 18 < abs(lateral) < 40 else 0)
        j, swoop = rng.uniform(-0.02, 0.03), 0.19 - 0.0016 * abs(lateral)
        comb = [(front, -0.02, 0.05), (front + 8, 0.55 * swoop, 0.085), (front + 24, swoop + j, 0.11),
                (100, 0.15 + j, 0.115)]
        locks.append(_over(face, lateral, [*comb, (130, 0.10, 0.13), (160, 0.06, 0.12),
            (190, 0.02, 0.05)], 0.6, 14))
    side = [
        [(58, 44, 0.0, 0.05), (74, 44, 0.07, 0.10), (98, 34, 0.07, 0.12), (124, 20, 0.05, 0.11),
            (146, 6, 0.02, 0.03)],
        [(68, 18, 0.0, 0.04), (84, 22, 0.06, 0.09), (106, 14, 0.06, 0.11), (128, 0, 0.04, 0.10),
            (150, -12, 0.02, 0.03)],
    ]
    locks += _sheet(face, side, 4, 2) + _sheet(face, [_mirror(g) for g in side], 4, 6)
    nape = [[(az, 22, 0.01, 0.06), (az, 2, 0.04, 0.14), (az, -20, 0.02, 0.13),
             (az, -40, 0.0, 0.04)] for az in (128, 180, 232)]
    return Hair(Cap(line, 0.05), locks + _sheet(face, nape, 7, 9, rows=8))


def crop(face: Face) -> Hair:
    """Short tight curls on top, faded sides."""
    line = ((0, 40), (30, 39), (48, 36), (60, 27), (68, 15), (74, 2), (80, -5), (86, 0), (92, 8),
            (110, 4), (125, -18), (150, -30), (180, -32))
    cap = Cap(line, 0.030, 0)
    tops = _balls(face, cap, 0.115, 0.070, 0.088, 21, above=39, margin=2)
    edge = smoothstep(0.95, 1.1, np.degrees(np.arcsin(tops[:, 1] / np.linalg.norm(tops[:, :3], axis=1))) / 48)
    tops[:, 3] *= mix(0.7, 1, edge)
    under = _balls(face, cap, 0.16, 0.015, 0.100, 22, above=43, wild=0)
    return Hair(cap, [], np.vstack([under, tops]), 0.065, 0.052)


def afro(face: Face) -> Hair:
    """A generous round cloud of curls."""
    line = ((0, 46), (30, 45), (50, 39), (62, 26), (70, 8), (78, -6), (86, -6), (94, 4), (112, 0),
            (130, -24), (180, -34))
    cap = Cap(line, 0.05, 0)
    inner = _balls(face, cap, 0.24, 0.10, 0.20, 5, above=0, wild=0.1)
    outer = _balls(face, cap, 0.165, 0.26, 0.150, 6, above=9, wild=0.14)
    return Hair(cap, [], np.vstack([inner, outer]), 0.065, 0.086)
