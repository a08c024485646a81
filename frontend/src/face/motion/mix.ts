// Where the mouth's speech and the rest of the face meet, region by region, so that no two sources fight.

import { ARKIT, at, type Pose, SHAPE0 } from "./channels";
import { clamp } from "./curves";

/** What a feeling keeps of its mouth while speaking; more fights the visemes, none loses the feeling. */
const MOUTH_SHARE = 1 / 3;
/** Cheeks belong to both: a spoken smile keeps most of its cheeks. */
const CHEEK_SHARE = 0.7;
/** Degrees of an eye at weight 1 of eyeLook*; also as far as an eye may turn. */
export const LOOK = 26;

const starts = (...names: string[]): Uint8Array =>
  Uint8Array.from(ARKIT.flatMap((name, i) => (names.some((n) => name.startsWith(n)) ? [i] : [])));

const MOUTH = starts("mouth", "jaw", "tongueOut");
const CHEEKS = starts("cheek");
/** What would part the lips: none of it may stand against a closure. */
const OPENERS = starts("jawOpen", "mouthUpperUp", "mouthLowerDown", "mouthFunnel", "mouthShrug", "tongueOut");
const WIDE = starts("mouthSmile", "mouthStretch", "mouthFrown");

function scale(pose: Pose, which: Uint8Array, by: number): void {
  for (let k = 0; k < which.length; k++) {
    const i = which[k] as number;
    pose[i] = (pose[i] as number) * by;
  }
}

/** Brings a pose whose shapes are filled in into what an avatar can show. Changes it in place. */
export function mix(pose: Pose): void {
  const talk = pose[at.talk] as number;
  if (talk > 0) {
    scale(pose, MOUTH, 1 - (1 - MOUTH_SHARE) * talk);
    scale(pose, CHEEKS, 1 - (1 - CHEEK_SHARE) * talk);
    const closed = (pose[SHAPE0] as number) + 0.9 * (pose[at.shapeG] as number);
    scale(pose, OPENERS, 1 - clamp(closed, 0, 1));
    // A pucker and a wide mouth cancel to a shapeless one.
    const round = (pose[at.shapeF] as number) + 0.8 * (pose[at.shapeE] as number);
    scale(pose, WIDE, 1 - 0.75 * clamp(round, 0, 1));
  }
  lookThrough(pose);
  lids(pose, at.eyeBlinkLeft, at.eyeWideLeft, at.eyeSquintLeft, at.eyeLookUpLeft, at.eyeLookDownLeft);
  lids(pose, at.eyeBlinkRight, at.eyeWideRight, at.eyeSquintRight, at.eyeLookUpRight, at.eyeLookDownRight);
  for (let i = 0; i < ARKIT.length; i++) pose[i] = clamp(pose[i] as number, 0, 1);
}

/** The eyes stay on what they look at while the head moves under them. */
function lookThrough(pose: Pose): void {
  const yaw = (pose[at.gazeYaw] as number) - (pose[at.headYaw] as number) - (pose[at.torsoYaw] as number);
  const down =
    (pose[at.gazePitch] as number) - (pose[at.headPitch] as number) - (pose[at.torsoPitch] as number);
  const pitch = clamp(down, -20, 22);
  const left = clamp(yaw - (pose[at.vergence] as number), -LOOK, LOOK);
  const right = clamp(yaw + (pose[at.vergence] as number), -LOOK, LOOK);
  pose[at.eyeYawLeft] = left;
  pose[at.eyeYawRight] = right;
  pose[at.eyePitch] = pitch;
  pose[at.eyeLookOutLeft] = Math.max(0, left / LOOK);
  pose[at.eyeLookInLeft] = Math.max(0, -left / LOOK);
  pose[at.eyeLookInRight] = Math.max(0, right / LOOK);
  pose[at.eyeLookOutRight] = Math.max(0, -right / LOOK);
  lookLids(pose, at.eyeLookUpLeft, at.eyeLookDownLeft, pitch);
  lookLids(pose, at.eyeLookUpRight, at.eyeLookDownRight, pitch);
}

/** The lids follow the eyes; a feeling may lower them a little more. */
function lookLids(pose: Pose, up: number, down: number, pitch: number): void {
  pose[up] = Math.max(0, -pitch / LOOK);
  pose[down] = Math.max(0, pitch / LOOK) + 0.4 * (pose[down] as number);
}

/** A blink takes over from everything else that moves the lid, or the lids would overshoot. */
function lids(pose: Pose, blink: number, wide: number, squint: number, up: number, down: number): void {
  const open = 1 - clamp(pose[blink] as number, 0, 1);
  pose[squint] = (pose[squint] as number) * (1 - clamp(pose[wide] as number, 0, 1)) * open;
  pose[wide] = (pose[wide] as number) * open;
  pose[up] = (pose[up] as number) * open;
  pose[down] = (pose[down] as number) * open;
}
