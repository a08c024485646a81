"""Eyelids, eyeball, lashes and brows. Each takes pose parameters, so morphs re-evaluate the same model."""

from dataclasses import dataclass

import numpy as np

from .face import EYE_R, Face
from .mesh import Array, Index, Mesh, catmull, grid_quads, mix, smoothstep, tube

N_EYE = 40
LOOPS = np.array([0, 0.07, 0.16, 0.27, 0.39, 0.52, 0.66, 0.82, 1.0])  # 0 = lid rim ... 1 = face skin
LID_R = EYE_R + 0.046
YAW = 6.5  # the lid opening faces outward a little
MEET = -15.0  # where the lids meet, degrees below the eye's axis
OUTER = (0.015, 0.335, 0.325)  # the patch's outer ellipse: centre offset, half axes
IRIS_DEG = 34.0


@dataclass(frozen=True, slots=True)
class Lid:
    """Pose of one pair of lids: closings and wide in 0..1, look and slide in degrees."""

    up: float = 0.0
    low: float = 0.0
    wide: float = 0.0
    look: float = 0.0
    slide: float = 0.0


OPEN = Lid()


def rim_angles(face: Face, phi: Array, lid: Lid = OPEN) -> tuple[Array, Array]:
    """Lid rim direction (azimuth, elevation in degrees) round the eyeball; phi = 0 is the outer corner."""
    c, s = np.cos(phi), np.sin(phi)
    az = YAW + face.lid_width * c + lid.slide * np.abs(s)
    tilt = face.lid_tilt * c
    meet = tilt + MEET * np.abs(s) ** 1.3
    upper = tilt + (face.lid_up + lid.wide * 11) * np.abs(s) ** 0.85 + lid.look * np.abs(s)
    lower = tilt - (face.lid_low + lid.wide * 4) * np.abs(s) ** 0.95 + 0.55 * lid.look * np.abs(s)
    el = np.where(s >= 0, mix(upper, meet - 1.2 * np.abs(s), lid.up), mix(lower, meet, lid.low))
    return az, el


def sphere_dir(az: Array, el: Array) -> Array:
    a, e = np.radians(az), np.radians(el)
    return np.stack([np.sin(a) * np.cos(e), np.sin(e), np.cos(a) * np.cos(e)], -1)


def patch(face: Face, phi: Array, t: Array, lid: Lid = OPEN) -> Array:
    """Left lid skin: a shell round the ball that melts into the face at t = 1; t < 0 is its thickness."""
    eye = face.eye
    az, el = rim_angles(face, phi, lid)
    az0, el0 = rim_angles(face, phi)
    shell = LID_R + 0.016 * lid.up * smoothstep(0, 0.3, np.sin(phi))  # a closing upper lid overlaps the lower one
    rim = eye + shell[:, None] * sphere_dir(az, el)
    off, rx, ry = OUTER
    outer = eye[:2] + np.stack([off + rx * np.cos(phi), off + ry * np.sin(phi)], -1)
    tt = np.clip(t, 0, 1)[:, None]
    above = smoothstep(-0.15, 0.45, np.sin(phi))  # only the upper lid folds into a crease
    d = sphere_dir(mix(az, YAW + (az0 - YAW) * 1.2, tt[:, 0]), mix(el, el0 * mix(1.15, 1.75, above), tt[:, 0]))
    crease = 0.020 * face.lid_crease * np.exp(-(((t - 0.42) / 0.13) ** 2)) * above
    on_lid = eye + d * (shell - crease * (1 - lid.up))[:, None]
    xy = mix(rim[:, :2], outer, tt)
    on_face = np.column_stack([xy, face.depth(xy[:, 0], xy[:, 1])])
    p = mix(on_lid, on_face, smoothstep(mix(0.0, 0.25, above), mix(0.72, 0.95, above), t)[:, None])
    r = np.linalg.norm(p - eye, axis=1)  # never closer to the eyeball than the lid shell
    floor = shell - 0.006 - crease * (1 - lid.up) - 0.055 * smoothstep(0.45, 1, t)
    p = eye + (p - eye) * (0.5 * (r + floor + np.hypot(r - floor, 0.014)) / r)[:, None]
    # lid thickness: roll over the rim and dive into the eyeball
    for level, slip in ((-1.0, -1.6), (-2.0, -1.0)):
        m = t == level
        r = shell[m] - 0.018 if level == -1 else np.full(int(m.sum()), EYE_R - 0.03)
        p[m] = eye + r[:, None] * sphere_dir(az[m], el[m] + slip * np.sin(phi[m]))
    return p


def eyeball(segments: int = 28) -> Mesh:
    """Ball looking down +Z, with a corneal bulge. uv.x = polar angle / 180 degrees, uv.y = azimuth / 360."""
    theta = np.radians(np.r_[0, 6, 11, 15, 19, 23, 27, 30, 33, 35, 39, 45, 54, 65, 78, 90, 104, 180])
    az = np.linspace(0, 2 * np.pi, segments + 1)
    polar, azim = np.meshgrid(theta, az, indexing="ij")
    # The rear pole mirrors the cornea: so the bounds, and with them the packed positions, stay centred.
    r = EYE_R * (1 + 0.035 * np.where(polar > 3, 1, 1 - smoothstep(0, np.radians(IRIS_DEG + 4), polar)))
    p = np.stack([np.sin(polar) * np.cos(azim), np.sin(polar) * np.sin(azim), np.cos(polar)], -1) * r[..., None]
    m = Mesh(p.reshape(-1, 3), grid_quads(len(theta), segments + 1, wrap=False)[:, ::-1])
    m.uv = np.stack([polar / np.pi, azim / (2 * np.pi)], -1).reshape(-1, 2)
    weld = np.arange(len(m.pos)).reshape(polar.shape)
    weld[:, -1] = weld[:, 0]
    weld[0, :] = 0
    weld[-1, :] = weld[-1, 0]
    m.weld = weld.ravel()
    edge = m.pos[m.tri]
    area = np.linalg.norm(np.cross(edge[:, 1] - edge[:, 0], edge[:, 2] - edge[:, 0]), axis=1)
    m.tri = m.tri[area > 1e-9]
    return m


def _rim_path(face: Face, degrees: Array, lid: Lid, raise_by: Array, out: Array) -> Array:
    phi = np.radians(degrees)
    az, el = rim_angles(face, phi, lid)
    lift = 0.016 * lid.up * (np.sin(phi) > 0)
    return face.eye + sphere_dir(az + 10 * out, el + raise_by) * (LID_R + 0.004 + 0.010 * out + lift)[:, None]


def lash_points(face: Face, lid: Lid = OPEN) -> tuple[Array, Index]:
    """Left lashes: a tapered upper line that flicks out at the corner, and two spikes on it."""
    u = np.linspace(0, 1, 22)
    flick = smoothstep(0.70, 1, u) * face.lash
    path = _rim_path(face, np.linspace(172, 4, 22), lid, 5.0 * flick + 0.8, flick)
    w = 0.004 + (0.017 + 0.006 * face.lash) * np.sin(np.pi * u**1.25) ** 0.8
    w[-1] = 0.002
    parts = [tube(path, w, w * 0.85, path - face.eye, sides=6)]
    for at, size in ((0.70, 0.75), (0.84, 1.0)):
        if face.lash < 0.5:
            break
        root = np.array([np.interp(at, u, path[:, i]) for i in range(3)])
        away = root - face.eye
        away /= np.linalg.norm(away)
        along = np.array([0.75 + 0.35 * at, 0.62 - 0.45 * lid.up - 0.30 * at, 0])
        tip = root + size * face.lash * (0.040 * away + 0.085 * along)
        bend = mix(root, tip, 0.55) + 0.010 * away - [0, 0.012, 0]
        parts.append(tube(catmull([root, bend, tip], 5), *[np.linspace(0.012, 0.002, 5)] * 2, np.tile(away, (5, 1)), 4))
    starts = np.cumsum([0, *[len(p) for p, _ in parts]])
    return np.vstack([p for p, _ in parts]), np.vstack([t + s for (_, t), s in zip(parts, starts, strict=False)])


def brow_points(
    face: Face, inner: float = 0.0, outer: float = 0.0, squeeze: float = 0.0, arch: float = 0.0
) -> tuple[Array, Index]:
    """Left eyebrow, a soft bean that slides on the face. inner, outer, arch: lift of its ends and middle; squeeze: inward."""
    n = 18
    u = 0.5 - 0.5 * np.cos(np.pi * np.linspace(0, 1, n))  # sections crowd towards both rounded ends
    rest, up = 0.040 * face.brow_arch, face.brow_y
    keys = [
        [0.150, 0.308 + up],
        [0.30, 0.310 + rest + up],
        [0.47, 0.310 + rest + up],
        [0.620, 0.268 + up],
    ]
    full = catmull(keys, 200)
    c = np.stack([np.interp(u, np.linspace(0, 1, 200), full[:, i]) for i in (0, 1)], -1)
    y = c[:, 1] + inner * (1 - smoothstep(0.0, 0.75, u)) + outer * smoothstep(0.2, 1.0, u) + arch * np.sin(np.pi * u)
    x = c[:, 0] - squeeze * (1 - smoothstep(0, 0.8, u))
    path = np.column_stack([x, y, face.depth(x, y) + 0.012])
    w = 0.050 * face.brow_thick * np.interp(u, [0, 0.2, 0.5, 0.85, 1], [0.72, 0.94, 0.92, 0.58, 0.36])
    w = w * np.clip(1 - np.abs(2 * u - 1) ** 7, 0.004, 1) ** 0.5
    return tube(path, np.minimum(w * 0.60, 0.030), w, face.front_normal(x, y), sides=9)
