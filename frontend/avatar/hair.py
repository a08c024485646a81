"""Hair: a scalp cap with a clean hairline, tapered locks over it, and curls from a distance field.

uv.x runs round a lock (strand pattern), uv.y from root to tip (strand colour and secondary motion).
"""

from dataclasses import dataclass, field

import numpy as np
from scipy.interpolate import PchipInterpolator

from .face import Face
from .mesh import Array, Mesh, catmull, grid_quads, join, mix, smooth_values, smoothstep
from .sdf import Field, capsule_chain, cull, occlusion, smin, surface_nets

SHADE = np.array([0.50, 0.46, 0.48])  # multiplier where locks shadow each other


@dataclass(frozen=True, slots=True)
class Lock:
    """One tapered lock: path of control points (n, 3) and its half widths (n,)."""

    path: Array
    width: Array
    thick: float = 0.5  # thickness as a share of the width
    rows: int = 11


@dataclass(frozen=True, slots=True)
class Cap:
    """Scalp cover: the hairline's elevation in degrees at absolute azimuths 0 ... 180."""

    line: tuple[tuple[float, float], ...]
    lift: float = 0.05
    strands: float = 6.0  # combed streaks round the head; 0 for curly hair
    cols: int = 60
    rows: int = 10


@dataclass(frozen=True, slots=True)
class Hair:
    """A style: cap, locks, and curl balls as (x, y, z, radius) rows melted together by `melt`."""

    cap: Cap
    locks: list[Lock] = field(default_factory=list)
    curls: Array | None = None
    melt: float = 0.05
    cell: float = 0.066


def cap_mesh(face: Face, cap: Cap) -> Mesh:
    line = PchipInterpolator(*np.array(cap.line).T)
    az = np.linspace(-180, 180, cap.cols + 1)
    # The last ring dives steeply through the skin: a grazing edge would cut a ragged hairline.
    t = np.r_[np.linspace(0.0, 0.965, cap.rows)[1:], 1.0]
    polar = np.radians(t[:, None] * (90 - line(np.abs(az)))[None, :])
    a = np.radians(az)[None, :]
    d = np.stack([np.sin(polar) * np.sin(a), np.cos(polar) + 0 * a, np.sin(polar) * np.cos(a)], -1).reshape(-1, 3)
    lift = np.where(t < 1, mix(cap.lift, min(cap.lift, 0.028), t**4), -0.035).repeat(len(az))
    top = face.skull(np.array([[0.0, 1, 0]]))[0] + [0, cap.lift, 0]
    pos = np.vstack([face.skull(d) + lift[:, None] * d, np.tile(top, (len(az), 1))])
    n, pole = len(az), len(pos) - len(az)
    fan = np.stack([pole + np.arange(n - 1), np.arange(n - 1), np.arange(1, n)], -1)
    m = Mesh(pos, np.vstack([fan, grid_quads(len(t), n, wrap=False, flip=True)]))
    m.uv = np.column_stack([np.tile(np.linspace(0, cap.strands, n), len(t) + 1), np.zeros(len(pos))])
    weld = np.arange(len(pos))
    weld[n - 1 :: n] = weld[::n]
    weld[pole:] = pole
    m.weld = weld
    return m


def _cap_distance(face: Face, cap: Cap) -> Field:
    line = PchipInterpolator(*np.array(cap.line).T)

    def distance(p: Array) -> Array:
        az = np.degrees(np.abs(np.arctan2(p[..., 0], p[..., 2])))
        el = np.degrees(np.arcsin(np.clip(p[..., 1] / (np.linalg.norm(p, axis=-1) + 1e-9), -1, 1)))
        return np.maximum(face.skull_distance(p) - cap.lift, np.radians(line(az) - el) * 0.8)

    return distance


def lock_mesh(lock: Lock, sides: int = 6) -> Mesh:
    path = catmull(lock.path, lock.rows)
    w = np.maximum(catmull(np.asarray(lock.width)[:, None], lock.rows)[:, 0], 0.008)
    for _ in range(2):  # round off the corners of sparse control points
        path[1:-1] = 0.5 * path[1:-1] + 0.25 * (path[:-2] + path[2:])
    ahead = path[-1] - path[-2]
    path = np.vstack([path, path[-1] + ahead / np.linalg.norm(ahead) * 0.7 * w[-1]])  # a closed, rounded tip
    w = np.r_[w, 0.004]
    rows = lock.rows + 1
    tangent = np.gradient(path, axis=0)
    tangent /= np.linalg.norm(tangent, axis=1, keepdims=True) + 1e-12
    out = path * [1, 0.8, 1]  # outward from the skull's middle
    side = np.cross(tangent, out)
    side /= np.linalg.norm(side, axis=1, keepdims=True) + 1e-12
    up = np.cross(side, tangent)
    ang = np.linspace(0, 2 * np.pi, sides + 1) - np.pi / 2  # the uv seam lies underneath
    ridge = 1 + 0.10 * np.cos(3 * ang)
    p = path[:, None] + (
        np.sin(ang)[None, :, None] * up[:, None] * (lock.thick * w * 1.0)[:, None, None]
        + (ridge * np.cos(ang))[None, :, None] * side[:, None] * w[:, None, None]
    )
    m = Mesh(p.reshape(-1, 3), grid_quads(rows, sides + 1, wrap=False, flip=True))
    u, v = np.meshgrid(np.linspace(0, 1, sides + 1), np.linspace(0, 1, rows))
    m.uv = np.stack([u, v], -1).reshape(-1, 2)
    weld = np.arange(len(m.pos)).reshape(rows, sides + 1)
    weld[:, -1] = weld[:, 0]
    m.weld = weld.ravel()
    return m


def _lock_distance(lock: Lock) -> Field:
    path = catmull(lock.path, 8)
    r = np.maximum(catmull(np.asarray(lock.width)[:, None], 8)[:, 0], 0.01) * (0.25 + 0.75 * lock.thick)
    return lambda p: capsule_chain(p, path, r)


def _curls_distance(curls: Array, melt: float) -> Field:
    def distance(p: Array) -> Array:
        d = np.full(p.shape[:-1], 9.0)
        for x, y, z, r in curls:
            near = np.abs(p - [x, y, z]).max(-1) < r + 0.3
            d[near] = smin(d[near], np.linalg.norm(p[near] - [x, y, z], axis=-1) - r, melt)
        return d

    return distance


def hair_distance(face: Face, hair: Hair) -> Field:
    """Signed distance to the whole style, for shadows on skin and clothes."""
    fields = [_cap_distance(face, hair.cap), *map(_lock_distance, hair.locks)]
    if hair.curls is not None:
        fields.append(_curls_distance(hair.curls, hair.melt))
    return lambda p: np.min([f(p) for f in fields], axis=0)


def _without_hidden(face: Face, hair: Hair, meshes: list[Mesh]) -> list[Mesh]:
    """Drop what lies well inside the scalp, or inside other locks."""
    fields = [_lock_distance(lock) for lock in hair.locks]
    out = []
    for i, m in enumerate(meshes):
        hidden = face.skull_distance(m.pos) < -0.02
        if i:
            for j, f in enumerate(fields):
                if j != i - 1:
                    hidden |= f(m.pos) < -0.012
        tri = m.tri[~hidden[m.tri].all(1)]
        used, tri = np.unique(tri, return_inverse=True)
        if not len(used):
            continue
        assert m.uv is not None and m.weld is not None
        kept = Mesh(m.pos[used], tri.reshape(-1, 3), uv=m.uv[used])
        kept.weld = np.unique(m.weld[used], return_inverse=True)[1]
        out.append(kept)
    return out


def hair_mesh(face: Face, hair: Hair) -> Mesh:
    parts = [cap_mesh(face, hair.cap), *map(lock_mesh, hair.locks)]
    parts = _without_hidden(face, hair, parts)
    if hair.curls is not None:
        f = _curls_distance(hair.curls, hair.melt)
        reach = hair.curls[:, 3].max() + 0.1
        lo, hi = hair.curls[:, :3].min(0) - reach, hair.curls[:, :3].max(0) + reach
        ball = surface_nets(f, lo, hi, hair.cell, relax=5)
        ball = cull(ball, face.skull_distance(ball.pos) < -0.01)
        azimuth = np.arctan2(ball.pos[:, 0], ball.pos[:, 2]) / (2 * np.pi)
        ball.uv = np.column_stack([3 * azimuth, 0.6 * np.clip(face.skull_distance(ball.pos), 0, 1)])
        parts.append(ball)
    m = join(*parts)
    n = m.normals()
    shade = occlusion(hair_distance(face, hair), m.pos + 0.012 * n, n, 0.20, 4, 1.25)
    shade = smooth_values(m.tri, shade, 1)
    tip = m.uv[:, 1] if m.uv is not None else np.zeros(len(m.pos))
    m.color = (
        mix(SHADE, np.ones(3), smoothstep(0.15, 0.90, shade)[:, None])
        * mix(0.86, 1.0, smoothstep(0, 0.5, tip))[:, None]
    )
    m.open = smoothstep(0.10, 0.75, shade)
    return m
