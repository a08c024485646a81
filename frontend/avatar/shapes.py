"""ARKit shapes (and a few private helpers) as analytic displacements of the rest head."""

import numpy as np

from . import lids
from .face import fold_line
from .head import LIP_SMILE, Head
from .lids import Lid
from .mesh import Array, gauss, smoothstep, vertex_normals

HINGE, JAW_DEGREES = np.array([0, -0.25, -0.05]), 20.0


def jaw_delta(p: Array, weight: Array | float = 1.0, degrees: float = JAW_DEGREES) -> Array:
    """Rotation about the jaw hinge, as a full-weight delta."""
    a = np.radians(degrees)
    q = p - HINGE
    turned = np.stack(
        [q[:, 0], q[:, 1] * np.cos(a) - q[:, 2] * np.sin(a), q[:, 1] * np.sin(a) + q[:, 2] * np.cos(a)], -1
    )
    return (turned - q) * np.reshape(weight, (-1, 1))


class Fields:
    """The smooth per-vertex weights that the shapes are written in."""

    def __init__(self, head: Head) -> None:
        self.head, self.face = head, head.face
        self.p, self.n = head.rest, head.n
        self.x, self.y, self.z = head.rest.T
        self.ax, self.h, self.front = np.abs(self.x), head.h, head.front
        self.deep = np.interp(head.inner, [0, 1, 2, 3, 4, 5], [1, 1, 0.9, 0.5, 0.2, 0])  # lip shapes fade into the sack
        self.up, self.low = np.clip(head.sin_nu, 0, 1) ** 0.6, np.clip(-head.sin_nu, 0, 1) ** 0.6
        self.across = np.clip(self.ax / self.face.mouth_half, 0, 1.2)  # 0 in the middle of the mouth, 1 at its corner
        rest_line = self.face.mouth_y + LIP_SMILE * np.exp(-((self.h / 0.14) ** 2)) * self.across**2
        self.dy_lip = np.where(head.inner > 0, 0, self.y - rest_line)  # height over the closed mouth's line
        self.corner = np.clip(self.across, 0, 1.15) ** 2 * self.lip(0.17)
        self.skin = 1 - head.eye_weight
        self.side = {"Left": smoothstep(-0.13, 0.13, self.x), "Right": smoothstep(0.13, -0.13, self.x)}

    def lip(self, w: float) -> Array:
        return np.exp(-((self.h / w) ** 2)) * self.front * self.deep

    def spot(self, cx: float, cy: float, sx: float, sy: float) -> Array:
        """A soft spot on both cheeks (or in the middle for cx = 0), off the lids."""
        return gauss(self.ax, self.y, cx, cy, sx, sy) * self.front * self.skin

    def move(
        self, dx: Array | float = 0.0, dy: Array | float = 0.0, dz: Array | float = 0.0, slide: bool = True
    ) -> Array:
        """Displacement that keeps hugging the face relief when it moves sideways."""
        d = np.zeros((self.n, 3))
        d[:, 0], d[:, 1], d[:, 2] = dx, dy, dz
        if slide:
            there = self.face.depth(self.x + d[:, 0], self.y + d[:, 1])
            d[:, 2] += (there - self.face.depth(self.x, self.y)) * self.front * (self.z > 0.3)
        return d

    def lids(self, side: str, lid: Lid) -> Array:
        head = self.head
        d = np.zeros((self.n, 3))
        e = lids.patch(self.face, head.e_phi, head.e_t, lid) - lids.patch(self.face, head.e_phi, head.e_t)
        d[head.eye_l if side == "Left" else head.eye_r] = e if side == "Left" else e * [-1, 1, 1]
        return d


def _jaw(f: Fields) -> dict[str, Array]:
    s, inner = f.head.sin_nu, f.head.inner
    # 0 over the mouth, 1 under it, and 0.38 at the corners: they follow the jaw less than half way
    follow = 0.38 - 0.5 * s * (1.25 - 0.25 * s * s) + 0.12 * s * s
    jaw = follow * smoothstep(-0.40, 0.40, f.z) * smoothstep(-0.16, -0.46, f.y) * f.skin
    sack = np.where(
        np.abs(s) < 1e-9,
        0.38,
        np.where(s > 0, 0.38 * (1 - np.clip(2.2 * s, 0, 1)), 0.38 + 0.62 * np.clip(-2.2 * s, 0, 1)),
    )
    jaw = np.where(inner > 0, sack, jaw)
    jaw[f.head.mouth.stop - 1] = 0.5
    open_ = jaw_delta(f.p, jaw)
    open_[:, 0] -= 0.10 * f.x * f.lip(0.20)
    return {
        "jawOpen": open_,
        "jawForward": f.move(dz=0.075 * jaw, slide=False),
        "jawLeft": f.move(dx=0.085 * jaw, slide=False),
        "jawRight": f.move(dx=-0.085 * jaw, slide=False),
    }


def _mouth_close(f: Fields, open_: Array) -> Array:
    """Exact complement of jawOpen: brings both slit edges to one shared line."""
    s, inner, m = f.head.sin_nu, f.head.inner, f.head.mouth
    index = np.arange(f.n)
    slit = np.flatnonzero((f.h == 0) & (inner == 0) & (index >= m.start) & (index < m.stop))
    along = np.sign(f.x) * np.sqrt(np.clip(1 - s * s, 0, 1)) * f.face.mouth_half  # same mouth angle on the slit

    def on_slit(sign: int) -> Array:
        k = slit[sign * s[slit] > -1e-9]
        k = k[np.argsort(f.x[k])]
        return np.stack([np.interp(along, f.x[k], open_[k, i]) for i in range(3)], -1)

    upper, lower = on_slit(1), on_slit(-1)
    shared = 0.42 * upper + 0.58 * lower
    w = np.exp(-((f.h / 0.15) ** 2)) * f.front * f.deep * (f.ax < 0.6)
    return (shared - np.where((s > 0)[:, None], upper, lower)) * w[:, None]


def _lips(f: Fields) -> dict[str, Array]:
    lip, up, low, dy = f.lip, f.up, f.low, f.dy_lip
    flat = -LIP_SMILE * f.across**2 * lip(0.14)
    tuck = np.exp(-((f.h / 0.07) ** 2)) * f.front * f.deep
    bite = np.exp(-((f.h / 0.085) ** 2)) * f.front * f.deep * low

    def roll(w: Array) -> Array:
        return f.move(dy=-0.45 * dy * w * tuck, dz=-0.055 * w * tuck, slide=False)

    return {
        "mouthFunnel": f.move(
            -0.34 * f.x * lip(0.19),
            0.040 * up * lip(0.12) - 0.060 * low * lip(0.13) + flat,
            0.085 * lip(0.13),
        ),
        "mouthPucker": f.move(
            -0.52 * f.x * lip(0.20), flat + 0.22 * dy * lip(0.14), 0.115 * lip(0.14) + 0.02 * lip(0.25)
        ),
        "mouthLeft": f.move(dx=0.10 * lip(0.20)),
        "mouthRight": f.move(dx=-0.10 * lip(0.20)),
        "mouthRollLower": roll(low),
        "mouthRollUpper": roll(up),
        "mouthShrugLower": f.move(dy=0.050 * lip(0.13) + 0.035 * f.spot(0, -0.90, 0.22, 0.14), dz=0.020 * lip(0.12)),
        "mouthShrugUpper": f.move(dy=0.030 * lip(0.12), dz=0.024 * lip(0.12)),
        "_lipBite": f.move(dy=0.004 * bite - 0.30 * dy * bite, dz=-0.054 * bite, slide=False),
        # Smile and jaw together: corners stay up and out, the lower lip makes a full bow.
        "corr_smileJaw": f.move(
            0.10 * f.x * f.across**2 * lip(0.17),
            0.055 * f.corner + 0.024 * up * lip(0.11) - 0.045 * low * (1 - f.across**2) * lip(0.13),
            0.014 * low * lip(0.10) + 0.02 * f.spot(0.50, -0.44, 0.2, 0.14),
        ),
        # Pucker and jaw together: a round opening instead of a tall slot.
        "corr_puckerJaw": f.move(
            0.10 * f.x * lip(0.16),
            0.030 * low * lip(0.12) - 0.012 * up * lip(0.12),
            0.018 * lip(0.14) * f.across,
            slide=True,
        ),
    }


def _one_side(f: Fields, side: str) -> dict[str, Array]:
    m, sign = f.side[side], 1 if side == "Left" else -1
    lip, up, low, dy = f.lip, f.up, f.low, f.dy_lip
    c = f.corner * m
    cheek = f.spot(0.52, -0.40, 0.22, 0.16) * m
    fold = fold_line(f.x, f.y) * f.front * m
    wing = f.spot(0.10, -0.38, 0.09, 0.10) * m
    middle = 1 - np.clip(f.across, 0, 1)

    def ridge(cx: float, sx: float) -> Array:
        return f.spot(cx, 0.30, sx, 0.15) * m

    furrow = f.spot(0.06, 0.22, 0.026, 0.12) * m
    shapes = {
        "mouthSmile": f.move(
            sign * 0.112 * c,
            0.074 * c + 0.024 * lip(0.14) * m + 0.055 * cheek - 0.20 * dy * lip(0.1) * m,
            0.068 * cheek - 0.026 * fold - 0.014 * c,
        )
        + f.lids(side, Lid(low=0.30)),
        "mouthFrown": f.move(sign * 0.012 * c, -0.100 * c + 0.014 * middle * lip(0.12) * m, -0.01 * c),
        "mouthDimple": f.move(sign * 0.045 * c, 0.012 * c, -0.05 * c),
        "mouthStretch": f.move(sign * 0.100 * c, -0.028 * c, -0.01 * c),
        "mouthPress": f.move(
            dy=-0.42 * dy * lip(0.09) * m,
            dz=-0.030 * np.exp(-((f.h / 0.06) ** 2)) * f.front * f.deep * m,
            slide=False,
        ),
        "mouthLowerDown": f.move(dy=-0.085 * low * lip(0.13) * m, dz=0.012 * low * lip(0.10) * m),
        "mouthUpperUp": f.move(dy=0.070 * up * lip(0.12) * m, dz=0.012 * up * lip(0.10) * m),
        "cheekSquint": f.move(dy=0.055 * cheek, dz=0.055 * cheek) + f.lids(side, Lid(low=0.45)),
        "noseSneer": f.move(
            dy=0.046 * wing + 0.022 * up * lip(0.10) * m + 0.03 * cheek,
            dz=0.016 * wing - 0.026 * fold + 0.03 * cheek - 0.012 * f.spot(0.10, -0.12, 0.03, 0.12) * m,
        ),
        "browDown": f.move(dy=-0.050 * ridge(0.22, 0.24), dz=0.030 * ridge(0.16, 0.14) - 0.022 * furrow)
        + f.lids(side, Lid(up=0.14)),
        "browOuterUp": f.move(dy=0.040 * ridge(0.52, 0.22), dz=0.010 * ridge(0.52, 0.2)),
        "eyeBlink": f.lids(side, Lid(up=1, low=1)) + f.move(dy=0.010 * cheek),
        "eyeSquint": f.lids(side, Lid(up=0.22, low=0.75)) + f.move(dy=0.030 * cheek, dz=0.030 * cheek),
        "eyeWide": f.lids(side, Lid(wide=1)),
        "eyeLookUp": f.lids(side, Lid(look=8)),
        "eyeLookDown": f.lids(side, Lid(look=-20)),
        "eyeLookIn": f.lids(side, Lid(slide=-2.5)),
        "eyeLookOut": f.lids(side, Lid(slide=2.5)),
    }
    return {name + side: d for name, d in shapes.items()}


def face_shapes(head: Head) -> dict[str, Array]:
    """All deltas of the head skin, private helpers (leading underscore) included; each is (vertices, 3)."""
    f = Fields(head)
    out = _jaw(f)
    out["mouthClose"] = _mouth_close(f, out["jawOpen"])
    out |= _lips(f)
    out |= _one_side(f, "Left") | _one_side(f, "Right")
    out["browInnerUp"] = f.move(dy=0.045 * f.spot(0.15, 0.32, 0.20, 0.16), dz=0.010 * f.spot(0.15, 0.3, 0.2, 0.14))
    puff = gauss(f.ax, f.y, 0.48, -0.53, 0.26, 0.17) * smoothstep(0.0, 0.5, f.z) * smoothstep(0.0, 0.24, f.h) * f.skin
    normal = vertex_normals(f.p, head.tri)
    out["cheekPuff"] = normal * (0.115 * puff * smoothstep(-0.95, -0.66, f.y))[:, None] + f.move(
        dz=0.02 * f.lip(0.14), slide=False
    )
    out["tongueOut"] = 0.38 * out["jawOpen"] + 0.3 * (out["mouthLowerDownLeft"] + out["mouthLowerDownRight"])
    out["_tongueUp"] = out["_tongueTip"] = np.zeros((head.n, 3))
    return out
