"""Contacts of the face: lips seal, lids close, and nothing pokes through, in blends as well."""

import json
from pathlib import Path

import numpy as np
import pytest

from frontend.avatar.face import EYE_R
from frontend.avatar.lids import N_EYE
from frontend.avatar.mesh import Array
from frontend.avatar.visemes import ARKIT, VISEMES

from .conftest import Model

POSES = json.loads((Path(__file__).parents[2] / "frontend/avatar/poses.json").read_text())
EMOTIONS: dict[str, dict[str, float]] = POSES["emotions"]
SPOKEN = [f"viseme_{v}" for v in VISEMES if v != "sil"]
THIRD = 1 / 3  # of an emotion's mouth stays while speaking (README)


def spoken(emotion: str, viseme: str, strength: float = 1.0) -> dict[str, float]:
    """A viseme over an emotion, mixed as the client does."""
    mouth = ("mouth", "jaw", "cheekPuff")
    w = {k: v * (THIRD if k.startswith(mouth) else 1.0) for k, v in EMOTIONS[emotion].items()}
    return w | {viseme: strength}


def lip_gap(model: Model, skin: Array) -> float:
    upper, lower = model.head.slit()
    return float(np.linalg.norm(skin[upper] - skin[lower], axis=1).max())


@pytest.mark.parametrize(
    "pose",
    [
        {},
        POSES["rhubarb"]["A"],
        {"mouthPucker": 1},
        {"jawOpen": 0.7, "mouthClose": 0.7},
        {"mouthSmileLeft": 1, "cheekPuff": 1},
    ],
)
def test_lips_seal(model: Model, pose: dict[str, float]) -> None:
    skin, _ = model.posed(pose)
    assert lip_gap(model, skin) < 0.01 * model.mouth_width


def test_open_shapes_do_open(model: Model) -> None:
    for shape in "CDEH":
        skin, _ = model.posed(POSES["rhubarb"][shape])
        assert lip_gap(model, skin) > 0.2 * model.mouth_width


def test_lids_close_and_clear_the_eyeball(model: Model) -> None:
    head = model.head
    eye = head.face.eye
    for lid in ("eyeBlinkLeft", "eyeSquintLeft", "eyeLookDownLeft", "browDownLeft", "eyeWideLeft"):
        for w in np.linspace(0, 1, 6):
            p, _ = model.posed({lid: float(w)})
            shell = np.linalg.norm(p[head.eye_l][head.e_t >= 0] - eye, axis=1)
            assert shell.min() > 1.036 * EYE_R, lid  # the cornea bulges to 1.035
    p, _ = model.posed({"eyeBlinkLeft": 1})
    rim = p[head.eye_l][head.e_t == 0] - eye
    elevation = np.degrees(np.arcsin(rim[:, 1] / np.linalg.norm(rim, axis=1)))
    upper = elevation[1 : N_EYE // 2]
    lower = elevation[: N_EYE // 2 : -1]
    assert (upper <= lower + 1e-6).all()  # the upper rim reaches, and slightly passes, the lower one


def front_of_skin(model: Model, skin: Array, at: Array) -> Array:
    """z of the foremost outer skin at each point's (x, y); -inf where the mouth is open."""
    head = model.head
    outer = (head.inner == 0) & (head.rest[:, 1] < -0.25) & (head.rest[:, 1] > -1.05) & (head.rest[:, 2] > 0.2)
    t = head.tri[outer[head.tri].all(1)]
    a, b, c = (skin[t[:, i]][None] for i in range(3))
    q = at[:, None, :2]
    v0, v1, v2 = (b - a)[..., :2], (c - a)[..., :2], q - a[..., :2]
    area = v0[..., 0] * v1[..., 1] - v1[..., 0] * v0[..., 1]
    area = np.where(np.abs(area) < 1e-9, np.inf, area)
    u = (v2[..., 0] * v1[..., 1] - v1[..., 0] * v2[..., 1]) / area
    v = (v0[..., 0] * v2[..., 1] - v2[..., 0] * v0[..., 1]) / area
    z = a[..., 2] + u * (b - a)[..., 2] + v * (c - a)[..., 2]
    return np.where((u >= 0) & (v >= 0) & (u + v <= 1), z, -np.inf).max(1)


def poses() -> list[dict[str, float]]:
    rng = np.random.default_rng(3)
    out = [{v: 1.0} for v in SPOKEN] + [dict(e) for e in EMOTIONS.values()]
    out += [spoken(e, str(rng.choice(SPOKEN)), float(rng.uniform(0.4, 1.0))) for e in EMOTIONS for _ in range(4)]
    mouths = [m for m in ARKIT if m.startswith(("mouth", "jaw", "cheek")) and m != "mouthClose"]
    return out + [{m: 1.0} for m in mouths]


def test_nothing_pokes_through(model: Model) -> None:
    for pose in poses():
        skin, mouth = model.posed(pose)
        tongue_out = pose.keys() & {"tongueOut", "viseme_TH"}
        solid = mouth[: model.teeth_count] if tongue_out else mouth
        cover = front_of_skin(model, skin, solid)
        covered = np.isfinite(cover)
        assert (solid[covered, 2] < cover[covered]).all(), f"teeth or tongue in front of the skin in {pose}"
        upper, lower = model.head.slit()
        lips = skin[np.r_[upper, lower], 2].max()
        assert solid[:, 2].max() < lips + 0.02, f"teeth or tongue in front of the lips in {pose}"
        sack = skin[model.head.inner >= 2]
        cover = front_of_skin(model, skin, sack)
        covered = np.isfinite(cover)
        assert (sack[covered, 2] < cover[covered]).all(), f"the mouth's lining shows through the skin in {pose}"


def visible_teeth(model: Model, pose: dict[str, float]) -> int:
    """Tooth vertices that a viewer in front sees through the open lips, no deeper than 12 mm behind them."""
    skin, mouth = model.posed(pose)
    near = mouth[: model.teeth_count]
    upper, lower = model.head.slit()
    near = near[near[:, 2] > skin[np.r_[upper, lower], 2].max() - 0.20]
    edge = skin[upper], skin[lower]
    top, bottom = (
        np.interp(near[:, 0], e[np.argsort(e[:, 0]), 0], e[np.argsort(e[:, 0]), 1], left=9, right=9) for e in edge
    )
    return int(((near[:, 1] < top) & (near[:, 1] > bottom)).sum())


def test_teeth_show_where_they_should(model: Model) -> None:
    assert visible_teeth(model, POSES["rhubarb"]["F"]) == 0
    b, c = visible_teeth(model, POSES["rhubarb"]["B"]), visible_teeth(model, POSES["rhubarb"]["C"])
    assert b > 60 > 2 <= c < b


def test_lip_bite_meets_the_upper_teeth(model: Model) -> None:
    skin, mouth = model.posed(POSES["rhubarb"]["G"])
    _, lower = model.head.slit()
    lip = skin[lower[len(lower) // 2]]
    front = mouth[: model.teeth_count]
    incisors = front[(np.abs(front[:, 0]) < 0.05) & (front[:, 1] > lip[1] - 0.08)]
    assert lip[1] > incisors[:, 1].min() - 0.01
    assert lip[2] < incisors[:, 2].max() + 0.06


def test_smiling_raises_cheeks_and_shows_teeth_to_the_corners(model: Model) -> None:
    skin, mouth = model.posed(EMOTIONS["joy"])
    head = model.head
    cheek = np.argmin(np.linalg.norm(head.rest - [0.5, -0.4, head.rest[:, 2].max()], axis=1) + 9 * (head.inner > 0))
    assert skin[cheek, 1] > head.rest[cheek, 1] + 0.02
    upper, _ = head.slit()
    assert np.ptp(mouth[: model.teeth_count, 0]) > 0.9 * np.ptp(skin[upper, 0])


def test_skin_is_closed_and_symmetric(model: Model) -> None:
    t = model.head.tri
    edges = np.sort(np.vstack([t[:, [0, 1]], t[:, [1, 2]], t[:, [2, 0]]]), 1)
    _, count = np.unique(edges, axis=0, return_counts=True)
    assert (count == 1).sum() == 2 * N_EYE  # open only behind the eyes
    assert not (count > 2).any()
    mirror = model.head.rest * [-1, 1, 1]
    assert max(np.linalg.norm(model.head.rest - m, axis=1).min() for m in mirror[::11]) < 1e-6
