// How a mouth shape is made from the morphs that a model has.

import type { Shape } from "../contract";

export type Blend = Readonly<Record<string, number>>;

/** Rhubarb -> Oculus visemes. D is "aa" with small letters; X is no viseme, since PP would press the resting lips. */
export const BY_VISEME: Readonly<Record<Shape, Blend>> = {
  A: { viseme_PP: 1 },
  B: { viseme_SS: 0.75, viseme_kk: 0.2 },
  C: { viseme_E: 0.9 },
  D: { viseme_aa: 1 },
  E: { viseme_O: 0.95 },
  F: { viseme_U: 1 },
  G: { viseme_FF: 1 },
  H: { viseme_nn: 0.95, viseme_aa: 0.25 },
  X: {},
};

/** Rhubarb -> ARKit, for models without visemes. */
export const BY_ARKIT: Readonly<Record<Shape, Blend>> = {
  A: { mouthPressLeft: 0.35, mouthPressRight: 0.35, mouthRollLower: 0.25, mouthRollUpper: 0.2 },
  B: {
    jawOpen: 0.1,
    mouthStretchLeft: 0.3,
    mouthStretchRight: 0.3,
    mouthUpperUpLeft: 0.15,
    mouthUpperUpRight: 0.15,
    mouthLowerDownLeft: 0.2,
    mouthLowerDownRight: 0.2,
  },
  C: {
    jawOpen: 0.3,
    mouthLowerDownLeft: 0.3,
    mouthLowerDownRight: 0.3,
    mouthUpperUpLeft: 0.12,
    mouthUpperUpRight: 0.12,
    mouthStretchLeft: 0.15,
    mouthStretchRight: 0.15,
  },
  D: {
    jawOpen: 0.58,
    mouthLowerDownLeft: 0.35,
    mouthLowerDownRight: 0.35,
    mouthUpperUpLeft: 0.2,
    mouthUpperUpRight: 0.2,
  },
  E: { jawOpen: 0.28, mouthFunnel: 0.45, mouthPucker: 0.15 },
  F: { jawOpen: 0.12, mouthPucker: 0.7, mouthFunnel: 0.3 },
  G: { jawOpen: 0.06, mouthRollLower: 0.55, mouthUpperUpLeft: 0.18, mouthUpperUpRight: 0.18 },
  H: { jawOpen: 0.25, mouthLowerDownLeft: 0.2, mouthLowerDownRight: 0.2, tongueOut: 0.08 },
  X: {},
};
