"""Paint of the face: tints over one base colour, light openness, and the wrinkle channels."""

import numpy as np

from .face import fold_line
from .head import LIP_H, LIP_SMILE, Head
from .mesh import Array, Mesh, gauss, mix, smoothstep


def _tints(head: Head) -> Array:
    face, p, f = head.face, head.rest, head.front
    x, y, _ = p.T
    ax = np.abs(x)
    tint = np.ones((head.n, 3))

    def blend(rgb: tuple[float, float, float], w: Array) -> None:
        tint[:] = mix(tint, np.asarray(rgb, float), np.clip(w, 0, 1)[:, None])

    tip = -0.35 - face.nose_drop
    blend((1.0, 0.70, 0.64), 0.60 * face.blush * gauss(ax, y, 0.53, -0.43, 0.20, 0.15) * f)
    blend((1.0, 0.76, 0.70), 0.40 * face.blush * gauss(x, y, 0, tip, 0.12, 0.09) * f)
    blend((0.55, 0.30, 0.27), 0.62 * gauss(ax, y, 0.056 * face.nose_width, tip - 0.108, 0.030, 0.016) * f)  # nostrils
    blend((1.0, 0.84, 0.80), 0.40 * gauss(x, y, 0, -1.0, 0.22, 0.12) * f)
    for s in (head.eye_l, head.eye_r):
        w = np.zeros(head.n)
        w[s] = np.where(head.e_t <= 0.5, 1 - smoothstep(0.05, 0.5, head.e_t), 0)
        blend((0.95, 0.78, 0.74), 0.45 * w)
        w[s] = head.e_t < 0
        blend((0.84, 0.58, 0.54), 0.8 * w)
        outer = smoothstep(-0.1, -0.5, np.sin(head.e_phi)) * smoothstep(-0.45, 0.35, np.cos(head.e_phi))
        w[s] = np.interp(head.e_t, [-1, 0, 0.07], [1, 0.8, 0]) * outer  # the lower lashes: a dark rim that fades inward
        blend((0.30, 0.17, 0.15), 0.90 * face.lash * w)
    if face.age:
        blend((0.78, 0.60, 0.56), 0.55 * face.age * fold_line(x, y) * f)
        blend((0.84, 0.68, 0.66), 0.50 * face.age * gauss(ax, y, face.eye_x, face.eye_y - 0.34, 0.22, 0.035) * f)
    lip = np.zeros(head.n)
    lip[head.mouth] = np.r_[1 - smoothstep(0.070, 0.106, head.m_level), 1]
    blend(face.lip_colour, face.lip_tint * lip)
    slit = np.zeros(head.n)
    slit[head.mouth] = np.r_[1 - smoothstep(0.0, 0.022, head.m_level), 1]
    blend((0.50, 0.17, 0.17), 0.75 * slit)
    blend((0.26, 0.06, 0.07), np.clip(head.inner, 0, 1))
    blend((0.055, 0.008, 0.012), smoothstep(1.0, 2.6, head.inner))
    return tint


def _forehead(x: Array, y: Array) -> Array:
    """A soft fold across the forehead."""
    bow = 0.03 * np.cos(np.pi * np.clip(x / 0.5, -1, 1))
    lines = 0.55 * np.exp(-(((y - 0.50 - bow) / 0.060) ** 2))  # one soft fold: the mesh is coarse up there
    return lines * np.exp(-((x / 0.40) ** 4))


def _wrinkles(head: Head) -> Array:
    """Channels: x frown furrow, y folds of a sneer, z forehead lines, w smile lines (README)."""
    face = head.face
    x, y, _ = head.rest.T
    ax = np.abs(x)
    f = head.front * (1 - head.eye_weight)
    f[head.mouth] = f[head.mouth] * np.r_[smoothstep(LIP_H[5], LIP_H[7], head.m_level), 0]
    frown = gauss(ax, y, 0.060, 0.24, 0.026, 0.13) + 0.7 * gauss(x, y, 0, 0.085, 0.10, 0.028)
    fold = fold_line(x, y)
    scrunch = gauss(ax, y, 0.105, -0.12, 0.030, 0.12) + 0.8 * gauss(x, y, 0, -0.02, 0.08, 0.026)
    under = gauss(ax, y, face.eye_x, face.eye_y - 0.36, 0.20, 0.028)
    channels = np.stack([frown, fold + scrunch, _forehead(x, y), 0.55 * fold + 0.4 * under], -1)
    return np.clip(channels * f[:, None], 0, 1)


def skin_mesh(head: Head) -> Mesh:
    m = Mesh(head.rest, head.tri, _tints(head))
    m.open = np.ones(head.n)
    m.open[head.mouth] = np.r_[np.where(head.m_in > 0, 0, mix(0.15, 1, smoothstep(0, 0.03, head.m_level))), 0]
    x, y = np.abs(head.rest[:, 0]), head.rest[:, 1]
    m.open *= (
        1 - 0.55 * gauss(x, y, head.face.mouth_half + 0.005, head.face.mouth_y + LIP_SMILE, 0.035, 0.03) * head.front
    )
    m.wrinkle = _wrinkles(head)
    return m
