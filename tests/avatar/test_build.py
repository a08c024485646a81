"""Building a look: same bytes from the same code, parts turned the right way out."""

from pathlib import Path

import numpy as np

from frontend.avatar.build import build, parts_of
from frontend.avatar.looks import LOOKS


def test_same_code_gives_the_same_bytes(tmp_path: Path) -> None:
    first, second = tmp_path / "a.glb", tmp_path / "b.glb"
    report = build(LOOKS[0], first)
    build(LOOKS[0], second)
    assert first.read_bytes() == second.read_bytes()
    assert report.bytes == first.stat().st_size
    assert report.triangles == sum(report.parts.values()) <= 25_000


def test_parts_are_finite_and_face_outward() -> None:
    parts = parts_of(next(k for k in LOOKS if k.glasses and k.moustache))
    for name, m in parts.items():
        assert np.isfinite(m.pos).all() and np.isfinite(m.normals()).all(), name
        assert m.tri.max() < len(m.pos) < 65536, name
        t = m.pos[m.tri] - m.pos.mean(0)
        assert (np.cross(t[:, 0], t[:, 1]) * t[:, 2]).sum() > 0, name  # signed volume
    throat = parts["throat"]
    assert throat.joints is not None
    assert np.allclose(throat.joints.sum(1), 1)
    top, bottom = throat.pos[:, 1].argmax(), throat.pos[:, 1].argmin()
    assert throat.joints[top, 2] == 1 and throat.joints[bottom, 0] == 1
