// How a mouth shape is made from the morphs that a model has.

import type { Shape } from "../contract";
import { SHAPES } from "../motion/channels";

export type Blend = Readonly<Record<string, number>>;
type Blends = Readonly<Record<Shape, Blend>>;

/** Rhubarb -> Oculus visemes. D is "aa" with small letters; X is no viseme, since PP would press the resting lips. */
const BY_VISEME: Blends = {
  A: { viseme_PP: 1 },
  B: { viseme_SS: 0.95 },
  C: { viseme_E: 0.9 },
  D: { viseme_aa: 1 },
  E: { viseme_O: 0.95 },
  F: { viseme_U: 1 },
  G: { viseme_FF: 1 },
  H: { viseme_nn: 1 },
  X: {},
};

/** Rhubarb -> ARKit, for models without visemes. */
const BY_ARKIT: Blends = {
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

/** Rhubarb -> five vowels (VRM, VRoid, VRChat's lesser rigs). */
const BY_VOWEL: Blends = {
  A: {},
  B: { viseme_I: 0.55 },
  C: { viseme_E: 0.5, viseme_aa: 0.3 },
  D: { viseme_aa: 1 },
  E: { viseme_O: 0.9 },
  F: { viseme_U: 1 },
  G: { viseme_I: 0.2, viseme_U: 0.1 },
  H: { viseme_aa: 0.35, viseme_E: 0.2 },
  X: {},
};

/** How far each shape opens a mouth that can do nothing else. */
export const OPEN: Readonly<Record<Shape, number>> = {
  A: 0,
  B: 0.14,
  C: 0.38,
  D: 0.75,
  E: 0.42,
  F: 0.16,
  G: 0.08,
  H: 0.34,
  X: 0,
};

const byOpening = (morph: string): Blends =>
  Object.fromEntries(SHAPES.map((s) => [s, OPEN[s] > 0 ? { [morph]: OPEN[s] } : {}])) as unknown as Blends;

/** The best blends for a model that has these morphs (by their ARKit or Oculus names); empty for a mute one. */
export function blendsFor(has: (name: string) => boolean): Blends | undefined {
  if (SHAPES.every((s) => Object.keys(BY_VISEME[s]).every(has))) return BY_VISEME;
  if (["jawOpen", "mouthFunnel", "mouthPucker"].every(has)) return BY_ARKIT;
  if (["aa", "I", "U", "E", "O"].every((v) => has(`viseme_${v}`))) return BY_VOWEL;
  const opening = ["jawOpen", "viseme_aa"].find(has);
  return opening ? byOpening(opening) : undefined;
}
