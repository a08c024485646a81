"""The looks and the colour presets: all the data that tells one avatar from another."""

from collections.abc import Callable
from dataclasses import dataclass

from . import hairstyles
from .face import Face
from .hair import Hair


@dataclass(frozen=True, slots=True)
class Look:
    id: str
    name: str
    about: str
    face: Face
    hair: Callable[[Face], Hair]
    clothes: str  # hoodie | crew | turtle | polo
    colours: dict[str, str]  # skin hair brows eyes clothes trim (and frame, with glasses)
    build: float = 1.0  # width of the shoulders
    girth: float = 1.0  # of the neck
    glasses: str | None = None  # round | square | cat
    moustache: bool = False

    @property
    def drawn(self) -> dict[str, str | float | bool | None]:
        """What the client's drawing of this look wears (frontend/src/face/drawn/style.ts)."""
        return {
            "hair": self.hair.__name__,
            "clothes": self.clothes,
            "glasses": self.glasses,
            "moustache": self.moustache,
            "lash": self.face.lash,
            # From the narrowest chin of the looks to the broadest.
            "jaw": round((self.face.chin_width - 0.26) / 0.20, 2),
        }


# fmt: off
LOOKS = (
    Look(
        "mira",
        "Mira",
        "A warm smile and shoulder-length waves",
        Face(taper=0.17, chin=0.16, chin_width=0.26, width=0.875, lips=0.98, lash=0.75, brow_thick=0.74,
             brow_arch=1.05, lid_tilt=4.0,
             nose_tip=0.095, nose_width=0.92, mouth_half=0.250, ear=0.9, lip_colour=(0.86, 0.44, 0.46)),
        hairstyles.waves,
        "crew",
        {"skin": "#cfa084", "hair": "#3a2018", "brows": "#2a1710", "eyes": "#6b4423", "clothes": "#c8553d",
            "trim": "#a8402c"},
        build=0.90,
        girth=0.88,
    ),
    Look(
        "leo",
        "Leo",
        "Tousled hair and a hoodie",
        Face(lips=0.86, lash=0.3, brow_thick=0.95),
        hairstyles.sweep,
        "hoodie",
        {"skin": "#eab28c", "hair": "#6b3a1e", "brows": "#4a2815", "eyes": "#4f8a5b", "clothes": "#3f6d8c",
            "trim": "#f3ead9"},
        build=0.96,
    ),
    Look(
        "yuna",
        "Yuna",
        "A straight fringe, a bun and round glasses",
        Face(width=0.905, taper=0.13, chin=0.15, chin_width=0.26, cheeks=0.075, nose_bridge=0.020,
             nose_tip=0.085, nose_width=0.95, lips=0.92,
             mouth_half=0.232, lid_up=31.0, lid_low=26.5, lid_tilt=6.0, lid_crease=0.35, lash=0.85,
                 brow_thick=0.75, brow_arch=0.6,
             brow_ridge=0.018, ear=0.9, lip_colour=(0.88, 0.47, 0.49)),
        hairstyles.bun,
        "turtle",
        {"skin": "#eec09a", "hair": "#1b1512", "brows": "#2b201b", "eyes": "#3d2616", "clothes": "#6d7fb3",
            "trim": "#e9e3d6", "frame": "#3a2e33"},
        build=0.88,
        girth=0.86,
        glasses="round",
    ),
    Look(
        "kofi",
        "Kofi",
        "Short curls, a strong jaw and an easy grin",
        Face(width=0.880, jaw=0.060, taper=0.08, chin=0.20, chin_width=0.46, nose_width=1.32,
             nose_tip=0.100, nose_bridge=0.036, lips=1.08,
             mouth_half=0.285, lid_up=32.0, lid_low=28.0, lash=0.25, brow_thick=1.05, brow_arch=0.9,
                 brow_ridge=0.045, blush=0.6,
             lip_colour=(1.0, 0.56, 0.62), lip_tint=0.85),
        hairstyles.crop,
        "polo",
        {"skin": "#7b4f3c", "hair": "#2a1f1b", "brows": "#140e0c", "eyes": "#4a2d18", "clothes": "#2f7f79",
            "trim": "#f2ede0"},
        build=1.06,
        girth=1.12,
    ),
    Look(
        "henrik",
        "Henrik",
        "Silver hair, a moustache and square glasses",
        Face(width=0.880, jaw=0.045, taper=0.06, chin=0.21, chin_width=0.36, cheeks=0.050, nose_tip=0.128,
             nose_bridge=0.055, nose_width=1.12,
             nose_drop=0.030, lips=0.80, mouth_half=0.268, lid_up=29.5, lid_low=26.0, lid_tilt=0.0,
                 lash=0.15, brow_thick=1.15, brow_arch=0.7,
             brow_ridge=0.048, ear=1.12, age=1.0, blush=0.9),
        hairstyles.swept_back,
        "polo",
        {"skin": "#e8b797", "hair": "#b9b7b4", "brows": "#a09c98", "eyes": "#4d7a9b", "clothes": "#4a5a46",
            "trim": "#efe6d2", "frame": "#2d2a2b"},
        build=1.04,
        girth=1.06,
        glasses="square",
        moustache=True,
    ),
    Look(
        "amara",
        "Amara",
        "A cloud of curls and bright eyes",
        Face(width=0.870, taper=0.16, chin=0.17, chin_width=0.27, cheeks=0.070, nose_width=1.15,
             nose_tip=0.092, nose_bridge=0.030, lips=1.10,
             mouth_half=0.258, lid_tilt=4.0, lash=0.75, brow_thick=0.78, brow_arch=1.0, ear=0.88,
                 blush=0.8, lip_colour=(1.0, 0.47, 0.58), lip_tint=0.85),
        hairstyles.afro,
        "crew",
        {"skin": "#895a45", "hair": "#2d1d16", "brows": "#1a110d", "eyes": "#5a3417", "clothes": "#e2a53a",
            "trim": "#c98a22"},
        build=0.90,
        girth=0.86,
    ),
)

PRESETS: dict[str, dict[str, str]] = {
    "skin": {"porcelain": "#f3c9ab", "peach": "#efbd9b", "honey": "#cfa084", "amber": "#b27a52",
        "chestnut": "#8d5b3f", "cocoa": "#6b4330", "ebony": "#4c2f24"},
    "hair": {"black": "#17110f", "espresso": "#3a2018", "chestnut": "#6b3a1e", "copper": "#b4501f",
        "honey": "#c8934d", "platinum": "#e3d3ae", "silver": "#b9b7b4", "violet": "#4b3b78",
        "teal": "#1f6f78"},
    "brows": {"black": "#140e0c", "brown": "#2a1710", "chestnut": "#4a2815", "copper": "#7d3b1a",
        "fair": "#94703f", "silver": "#a09c98"},
    "eyes": {"dark": "#3d2616", "brown": "#6b4423", "hazel": "#7d6a2f", "green": "#4f8a5b",
        "blue": "#3f79a8", "grey": "#76868f"},
    "clothes": {"denim": "#3f6d8c", "rust": "#c8553d", "sunflower": "#e2a53a", "sage": "#5b7f63",
        "teal": "#2f7f79", "iris": "#6d7fb3", "plum": "#7b4a6d", "ink": "#2e3440"},
    "trim": {"cream": "#f3ead9", "rust": "#a8402c", "amber": "#c98a22", "ink": "#2e3440"},
}
