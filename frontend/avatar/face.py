"""Analytic head surface: a superellipsoid over a direction sphere plus smooth front-facing relief.

The front half is also a graph z = depth(x, y) and the map (x, y) <-> direction is exactly invertible,
so feature rings (mouth, eyes) are laid out in face coordinates and the rest of the skull in directions.
Every proportion that tells one look from another is a field of `Face`.
"""

from dataclasses import dataclass

import numpy as np

from .mesh import Array, gauss, smoothstep

EXP = 2.25  # superellipsoid exponent: 2 = ellipsoid, higher = boxier, softer "vinyl" look
TOP, BOTTOM, FRONT, BACK = 1.18, 1.10, 0.90, 0.94
EYE_R = 0.315  # eyeball radius, the same in every look: eyes are shared material and shader


@dataclass(frozen=True, slots=True)
class Face:
    """Proportions of one look, in generator units (10 cm); lids in degrees round the eyeball."""

    width: float = 0.895
    jaw: float = 0.0  # extra half width at the jaw's corners
    taper: float = 0.12  # how much narrower the chin end is
    chin: float = 0.19
    chin_width: float = 0.32
    cheeks: float = 0.062
    muzzle: float = 0.07
    brow_ridge: float = 0.030
    nose_bridge: float = 0.042
    nose_tip: float = 0.105
    nose_width: float = 1.0
    nose_drop: float = 0.0  # lowers the tip
    lips: float = 1.0  # fullness
    mouth_half: float = 0.262
    mouth_y: float = -0.650
    eye_x: float = 0.350
    eye_y: float = -0.085
    lid_up: float = 33.5
    lid_low: float = 30.0
    lid_width: float = 50.0
    lid_tilt: float = 3.5
    lid_crease: float = 1.0
    lash: float = 0.6  # length of the lashes
    brow_thick: float = 1.0
    brow_arch: float = 1.0
    brow_y: float = 0.0
    ear: float = 1.0
    age: float = 0.0  # 0 = smooth, 1 = lined
    blush: float = 1.0
    lip_colour: tuple[float, float, float] = (0.88, 0.53, 0.52)  # multiplier over the skin colour
    lip_tint: float = 0.72

    @property
    def eye(self) -> Array:
        """Centre of the left eyeball."""
        return np.array([self.eye_x, self.eye_y, 0.532])

    @property
    def mouth_z(self) -> float:
        return float(self.depth(np.zeros(1), np.full(1, self.mouth_y))[0])

    def width_profile(self, y: Array) -> Array:
        jaw = self.jaw * gauss(y, 0, -0.66, 0, 0.33, 1)
        return (
            self.width * (1 - self.taper * smoothstep(-0.30, -1.0, y) + 0.035 * np.exp(-(((y + 0.52) / 0.32) ** 2)))
            + jaw
        )

    def relief(self, x: Array, y: Array) -> Array:
        """Everything that is not the plain skull: chin, muzzle, cheeks, sockets, brow, nose."""
        ax, w, tip = np.abs(x), self.nose_width, -0.365 - self.nose_drop
        z = self.chin * gauss(x, y, 0, -1.0, self.chin_width, 0.17)
        z += self.muzzle * gauss(x, y, 0, -0.68, 0.36, 0.24)
        z += self.cheeks * gauss(ax, y, 0.47, -0.47, 0.25, 0.20)
        z -= 0.045 * gauss(ax, y, 0.30, 0.03, 0.22, 0.17)  # sockets
        z += 0.055 * gauss(ax, y, 0.60, -0.13, 0.20, 0.26)  # outer orbit: carries the lid into the temple
        z += self.brow_ridge * gauss(ax, y, 0.36, 0.30, 0.34, 0.12)
        z += self.nose_bridge * gauss(x, y, 0, -0.02, 0.080 * w, 0.26)
        z += 0.070 * gauss(x, y, 0, -0.31 - 0.6 * self.nose_drop, 0.090 * w, 0.16)
        z += self.nose_tip * gauss(x, y, 0, tip, 0.115 * w, 0.110)
        z += 0.040 * w * gauss(ax, y, 0.112 * w, tip - 0.022, 0.058 * w, 0.062)  # nostril wings
        z -= 0.020 * gauss(x, y, 0, -0.52, 0.035, 0.05)  # philtrum
        z -= 0.030 * gauss(x, y, 0, self.mouth_y - 0.172, 0.20, 0.06)  # dip under the lower lip
        if self.age:
            z -= 0.030 * self.age * fold_line(x, y)  # cheek folds, bags under the eyes, soft jowls
            z += 0.018 * self.age * gauss(ax, y, self.eye_x, self.eye_y - 0.40, 0.20, 0.045)
            z += 0.030 * self.age * gauss(ax, y, 0.46, -0.80, 0.14, 0.12)
        return z

    def _xy_unit(self, x: Array, y: Array) -> tuple[Array, Array]:
        return x / self.width_profile(y), y / np.where(y > 0, TOP, BOTTOM)

    def depth(self, x: Array, y: Array) -> Array:
        z0 = _norm(*self._xy_unit(x, y))
        return z0 * FRONT + self.relief(x, y) * smoothstep(0.0, 0.55, z0)

    def front_normal(self, x: Array, y: Array) -> Array:
        """Outward unit normals of the front, at face coordinates."""
        e = 1e-3
        n = np.column_stack(
            [
                -(self.depth(x + e, y) - self.depth(x - e, y)) / (2 * e),
                -(self.depth(x, y + e) - self.depth(x, y - e)) / (2 * e),
                np.ones(len(x)),
            ]
        )
        return n / np.linalg.norm(n, axis=1, keepdims=True)

    def direction_of(self, x: Array, y: Array) -> Array:
        """Sphere direction of a face-front point."""
        u, v = self._xy_unit(x, y)
        d = np.stack([u, v, _norm(u, v)], -1)
        return d / np.linalg.norm(d, axis=-1, keepdims=True)

    def skull(self, d: Array) -> Array:
        """Head surface point for unit directions."""
        q = d / (np.abs(d) ** EXP).sum(-1, keepdims=True) ** (1 / EXP)
        y = q[:, 1] * np.where(q[:, 1] > 0, TOP, BOTTOM)
        x = q[:, 0] * self.width_profile(y)
        z = q[:, 2] * np.where(q[:, 2] > 0, FRONT, _back(y)) + self.relief(x, y) * smoothstep(0.0, 0.55, q[:, 2])
        # the nose tip overhangs a little
        y = y - 0.038 * gauss(x, y, 0, -0.415 - self.nose_drop, 0.13, 0.06) * smoothstep(0.2, 0.6, q[:, 2])
        return np.stack([x, y, z], -1)

    def skull_level(self, p: Array) -> Array:
        """1 on the plain skull (no relief), less inside, more outside."""
        y = p[..., 1]
        u = p[..., 0] / self.width_profile(y)
        v = y / np.where(y > 0, TOP, BOTTOM)
        w = p[..., 2] / np.where(p[..., 2] > 0, FRONT, _back(y))
        return (np.abs(u) ** EXP + np.abs(v) ** EXP + np.abs(w) ** EXP) ** (1 / EXP)

    def skull_distance(self, p: Array) -> Array:
        """Cheap signed distance to the plain skull (hair clearance, ears, occlusion)."""
        k = self.skull_level(p)
        return (k - 1) * np.linalg.norm(p, axis=-1) / (k + 1e-6)

    def on_head(self, azimuth: float, elevation: float, lift: float) -> Array:
        """Point above the skull: azimuth from the front (left positive), elevation, height above it."""
        a, e = np.radians(azimuth), np.radians(elevation)
        d = np.array([[np.sin(a) * np.cos(e), np.sin(e), np.cos(a) * np.cos(e)]])
        return self.skull(d)[0] + lift * d[0]


def _back(y: Array) -> Array:
    return BACK * (1 - 0.30 * smoothstep(-0.15, -1.0, y))


def _norm(x: Array, y: Array) -> Array:
    return np.clip(1 - np.abs(x) ** EXP - np.abs(y) ** EXP, 0, 1) ** (1 / EXP)


def fold_line(x: Array, y: Array) -> Array:
    """The nasolabial fold: a soft line from the nostril wing, round the mouth's corner (0..1)."""
    ax = np.abs(x)
    t = np.clip((-0.40 - y) / 0.36, 0, 1)
    line = 0.175 + 0.270 * t**0.8
    return np.exp(-(((ax - line) / 0.048) ** 2)) * smoothstep(-0.36, -0.44, y) * smoothstep(-0.68, -0.54, y)
