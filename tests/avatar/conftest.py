"""Heads of all looks, built once, and the arithmetic of a pose."""

from dataclasses import dataclass
from functools import cache

import numpy as np
import pytest

from frontend.avatar import rig, teeth
from frontend.avatar.head import Head
from frontend.avatar.looks import LOOKS
from frontend.avatar.mesh import Array, Mesh
from frontend.avatar.visemes import CORRECTIVES


@dataclass(frozen=True, slots=True)
class Model:
    """Skin and mouth interior of one look, in generator units (10 cm)."""

    head: Head
    skin: dict[str, Array]
    mouth: Mesh
    teeth_count: int  # the mouth mesh's first vertices; the tongue follows

    def posed(self, weights: dict[str, float]) -> tuple[Array, Array]:
        """Vertices of (skin, mouth) under morph weights, correctives included as a client would."""
        w = with_correctives(weights)
        skin, mouth = self.head.rest.copy(), self.mouth.pos.copy()
        for name, value in w.items():
            skin += value * self.skin[name]
            if name in self.mouth.morphs:
                mouth += value * self.mouth.morphs[name]
        return skin, mouth

    @property
    def mouth_width(self) -> float:
        upper, _ = self.head.slit()
        return float(np.ptp(self.head.rest[upper, 0]))


def with_correctives(weights: dict[str, float]) -> dict[str, float]:
    out = dict(weights)
    for name, rule in CORRECTIVES.items():
        sums = [sum(gain * weights.get(k, 0.0) for k, gain in gains.items()) for gains in rule["of"]]
        out[name] = float(np.prod(np.clip(sums, 0, 1)))
    return out


@cache
def model_of(look_id: str) -> Model:
    look = next(k for k in LOOKS if k.id == look_id)
    head = Head(look.face)
    up, low = teeth.teeth(look.face)
    mouth = rig.mouth_mesh(look.face, up, low, teeth.tongue(look.face))
    return Model(head, rig.skin_morphs(head), mouth, len(up.pos) + len(low.pos))


@pytest.fixture(params=[look.id for look in LOOKS])
def model(request: pytest.FixtureRequest) -> Model:
    return model_of(request.param)
