"""Names of the morphs, viseme recipes over the ARKit shapes, what drives correctives and wrinkles."""

ARKIT: tuple[str, ...] = tuple(
    """
    eyeBlinkLeft eyeLookDownLeft eyeLookInLeft eyeLookOutLeft eyeLookUpLeft eyeSquintLeft eyeWideLeft
    eyeBlinkRight eyeLookDownRight eyeLookInRight eyeLookOutRight eyeLookUpRight eyeSquintRight eyeWideRight
    jawForward jawLeft jawRight jawOpen mouthClose mouthFunnel mouthPucker mouthLeft mouthRight
    mouthSmileLeft mouthSmileRight mouthFrownLeft mouthFrownRight mouthDimpleLeft mouthDimpleRight
    mouthStretchLeft mouthStretchRight mouthRollLower mouthRollUpper mouthShrugLower mouthShrugUpper
    mouthPressLeft mouthPressRight mouthLowerDownLeft mouthLowerDownRight mouthUpperUpLeft mouthUpperUpRight
    browDownLeft browDownRight browInnerUp browOuterUpLeft browOuterUpRight cheekPuff cheekSquintLeft
    cheekSquintRight noseSneerLeft noseSneerRight tongueOut
    """.split()  # noqa: SIM905  (a table of names reads best as text)
)

# "both:" expands to Left + Right; names starting with "_" are private helper shapes (not exported).
VISEMES: dict[str, dict[str, float]] = {
    "sil": {},
    "PP": {"both:mouthPress": 0.85, "mouthRollLower": 0.38, "mouthRollUpper": 0.38, "mouthPucker": 0.14},
    "FF": {"_lipBite": 1, "both:mouthUpperUp": 0.85, "jawOpen": 0.02, "both:mouthSmile": 0.08},
    "TH": {"jawOpen": 0.22, "_tongueTip": 1, "both:mouthUpperUp": 0.25, "both:mouthLowerDown": 0.25},
    "DD": {"jawOpen": 0.17, "_tongueUp": 0.85, "both:mouthUpperUp": 0.25, "both:mouthLowerDown": 0.25},
    "kk": {"jawOpen": 0.20, "both:mouthStretch": 0.25, "both:mouthUpperUp": 0.20, "_tongueUp": 0.10},
    "CH": {"mouthFunnel": 0.75, "jawOpen": 0.07, "mouthPucker": 0.20},
    "SS": {
        "jawOpen": 0.015,
        "both:mouthStretch": 0.62,
        "both:mouthSmile": 0.25,
        "both:mouthLowerDown": 0.82,
        "both:mouthUpperUp": 0.50,
    },
    "nn": {"jawOpen": 0.40, "_tongueUp": 1, "both:mouthUpperUp": 0.12, "both:mouthLowerDown": 0.15},
    "RR": {"mouthFunnel": 0.45, "mouthPucker": 0.35, "jawOpen": 0.12},
    "aa": {"jawOpen": 0.95, "both:mouthUpperUp": 0.20, "both:mouthLowerDown": 0.15},
    "E": {
        "jawOpen": 0.62,
        "_tongueUp": -0.45,
        "both:mouthSmile": 0.10,
        "both:mouthStretch": 0.10,
        "both:mouthUpperUp": -0.06,
        "both:mouthLowerDown": 0.22,
    },
    "I": {
        "jawOpen": 0.14,
        "both:mouthSmile": 0.50,
        "both:mouthStretch": 0.30,
        "both:mouthUpperUp": 0.32,
        "both:mouthLowerDown": 0.42,
    },
    "O": {"jawOpen": 0.48, "mouthFunnel": 0.60, "mouthPucker": 0.42, "corr_puckerJaw": 0.35},
    "U": {"jawOpen": 0.06, "mouthPucker": 0.95, "mouthFunnel": 0.22, "both:mouthUpperUp": -0.15},
}

_SMILE = {"mouthSmileLeft": 0.5, "mouthSmileRight": 0.5}
_JAW = {"jawOpen": 1.0} | {
    f"viseme_{v}": r["jawOpen"] for v, r in VISEMES.items() if r.get("jawOpen", 0) >= 0.14 and v not in ("O",)
}
CORRECTIVES: dict[str, dict[str, list[dict[str, float]]]] = {
    "corr_smileJaw": {"of": [_SMILE, _JAW | {"mouthClose": -1.0}]},
    "corr_puckerJaw": {"of": [{"mouthPucker": 1.0}, {"jawOpen": 1.0, "mouthClose": -1.0}]},
}

# Channel of _WRINKLE -> gains over the morph weights; "Left"/"Right" is filled in per side.
WRINKLES: dict[str, dict[str, float]] = {
    "x": {"browDownLeft": 0.9, "browDownRight": 0.9, "noseSneerLeft": 0.25, "noseSneerRight": 0.25},
    "y": {"noseSneerLeft": 0.75, "noseSneerRight": 0.75, "mouthUpperUpLeft": 0.10, "mouthUpperUpRight": 0.10},
    "z": {"browInnerUp": 0.40, "browOuterUpLeft": 0.35, "browOuterUpRight": 0.35},
    "w": {
        "mouthSmileLeft": 0.50,
        "mouthSmileRight": 0.50,
        "cheekSquintLeft": 0.35,
        "cheekSquintRight": 0.35,
        "mouthFrownLeft": 0.25,
        "mouthFrownRight": 0.25,
    },
}


def expand(recipe: dict[str, float]) -> dict[str, float]:
    """Spell out "both:" entries."""
    out = {}
    for name, weight in recipe.items():
        both = name.startswith("both:")
        for n in (name[5:] + "Left", name[5:] + "Right") if both else (name,):
            out[n] = weight
    return out


MORPHS = (*ARKIT, *(f"viseme_{v}" for v in VISEMES), *CORRECTIVES)
