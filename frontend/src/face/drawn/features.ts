// From a pose to the few numbers of a drawn face. Lengths are in heads: the face is about 2 high and 1.7 wide.

import { at, type Pose, SHAPE0 } from "../motion/channels";
import { clamp } from "../motion/curves";

export interface Features {
  /** Mouth: half width, how far the lips are apart, corners up (or down), the middle pushed aside. */
  width: number;
  open: number;
  curve: number;
  aside: number;
  /** 0..1 each. */
  round: number;
  teeth: number;
  tongue: number;
  bite: number;
  press: number;
}

//                        A     B     C     D     E     F     G     H     X
const OPEN = Float32Array.of(0, 0.1, 0.23, 0.46, 0.3, 0.1, 0.1, 0.24, 0);
const WIDTH = Float32Array.of(-0.06, 0.07, 0.04, 0, -0.13, -0.2, -0.04, 0, 0);
const TEETH = Float32Array.of(0, 1, 0.7, 0.5, 0.1, 0, 1, 0.6, 0);
const TONGUE = Float32Array.of(0, 0, 0.25, 0.5, 0.25, 0, 0, 1, 0);

/** The drawn mouth for `pose`, written into `out`. */
export function features(pose: Pose, out: Features): Features {
  const v = (i: number): number => pose[i] as number;
  const pair = (left: number, right: number): number => (v(left) + v(right)) / 2;
  const smile = pair(at.mouthSmileLeft, at.mouthSmileRight);
  const frown = pair(at.mouthFrownLeft, at.mouthFrownRight);
  const stretch = pair(at.mouthStretchLeft, at.mouthStretchRight);
  const bared =
    pair(at.mouthUpperUpLeft, at.mouthUpperUpRight) + pair(at.mouthLowerDownLeft, at.mouthLowerDownRight);
  const pucker = v(at.mouthPucker) + 0.5 * v(at.mouthFunnel);
  let open = 0.6 * v(at.jawOpen) + 0.1 * bared;
  let width = 0.3 + 0.09 * smile + 0.07 * stretch - 0.13 * pucker;
  let teeth = 0.8 * smile * clamp(bared * 2, 0, 1) + 0.7 * clamp(bared, 0, 1);
  let tongue = 0.3 * v(at.jawOpen);
  for (let k = 0; k < 9; k++) {
    const w = v(SHAPE0 + k);
    open += w * (OPEN[k] as number);
    width += w * (WIDTH[k] as number);
    teeth += w * (TEETH[k] as number);
    tongue += w * (TONGUE[k] as number);
  }
  // The lip that the teeth are on cannot hang down.
  out.open = Math.max(0, open * (1 - 0.55 * clamp(v(at.shapeG), 0, 1) * clamp(2 * v(at.jawOpen), 0, 1)));
  out.width = Math.max(0.08, width);
  out.curve = 0.05 + 0.15 * smile - 0.17 * frown - 0.03 * v(at.mouthShrugLower);
  out.aside = 0.07 * (v(at.mouthLeft) - v(at.mouthRight));
  out.round = clamp(v(at.shapeF) + 0.8 * v(at.shapeE) + pucker, 0, 1);
  out.teeth = clamp(teeth, 0, 1);
  out.tongue = clamp(tongue, 0, 1);
  out.bite = v(at.shapeG);
  out.press = clamp(v(at.shapeA) + pair(at.mouthPressLeft, at.mouthPressRight), 0, 1);
  return out;
}

export const newFeatures = (): Features => ({
  width: 0.3,
  open: 0,
  curve: 0,
  aside: 0,
  round: 0,
  teeth: 0,
  tongue: 0,
  bite: 0,
  press: 0,
});
