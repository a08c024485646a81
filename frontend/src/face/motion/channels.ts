// Every number that moves the face, in one flat array: the ARKit weights, Rhubarb's nine shapes, and the body.
// A pose is a Float32Array so that adding, easing and comparing poses makes no garbage.

/** Apple's 52 blend shapes (ARFaceAnchor.BlendShapeLocation). Weights 0..1. */
export const ARKIT = [
  "eyeBlinkLeft",
  "eyeLookDownLeft",
  "eyeLookInLeft",
  "eyeLookOutLeft",
  "eyeLookUpLeft",
  "eyeSquintLeft",
  "eyeWideLeft",
  "eyeBlinkRight",
  "eyeLookDownRight",
  "eyeLookInRight",
  "eyeLookOutRight",
  "eyeLookUpRight",
  "eyeSquintRight",
  "eyeWideRight",
  "jawForward",
  "jawLeft",
  "jawRight",
  "jawOpen",
  "mouthClose",
  "mouthFunnel",
  "mouthPucker",
  "mouthLeft",
  "mouthRight",
  "mouthSmileLeft",
  "mouthSmileRight",
  "mouthFrownLeft",
  "mouthFrownRight",
  "mouthDimpleLeft",
  "mouthDimpleRight",
  "mouthStretchLeft",
  "mouthStretchRight",
  "mouthRollLower",
  "mouthRollUpper",
  "mouthShrugLower",
  "mouthShrugUpper",
  "mouthPressLeft",
  "mouthPressRight",
  "mouthLowerDownLeft",
  "mouthLowerDownRight",
  "mouthUpperUpLeft",
  "mouthUpperUpRight",
  "browDownLeft",
  "browDownRight",
  "browInnerUp",
  "browOuterUpLeft",
  "browOuterUpRight",
  "cheekPuff",
  "cheekSquintLeft",
  "cheekSquintRight",
  "noseSneerLeft",
  "noseSneerRight",
  "tongueOut",
] as const;

/** Rhubarb's shapes as channels; they sum to at most 1, what is missing to 1 is the resting mouth. */
export const SHAPES = ["A", "B", "C", "D", "E", "F", "G", "H", "X"] as const;

/**
 * The rest: angles in degrees (yaw to the avatar's left, pitch down, roll towards its right shoulder), `rise`
 * and `lean` in millimetres (up, towards the viewer), `pupil` as a factor on its radius, `talk` 0..1.
 *
 * `gaze*` is where the eyes look in the world, 0 being the camera; `vergence` turns each eye inwards.
 */
const BODY = [
  "gazeYaw",
  "gazePitch",
  "vergence",
  "headYaw",
  "headPitch",
  "headRoll",
  "torsoYaw",
  "torsoPitch",
  "torsoRoll",
  "rise",
  "lean",
  "pupil",
  "talk",
  "eyeYawLeft",
  "eyeYawRight",
  "eyePitch",
] as const;

export type Arkit = (typeof ARKIT)[number];
type ShapeChannel = `shape${(typeof SHAPES)[number]}`;
export type Channel = Arkit | ShapeChannel | (typeof BODY)[number];

export const CHANNELS: readonly Channel[] = [...ARKIT, ...SHAPES.map((s) => `shape${s}` as const), ...BODY];

/** Where each channel lies in a pose. */
export const at = Object.fromEntries(CHANNELS.map((name, i) => [name, i])) as Record<Channel, number>;

/** The first of the nine shapes; they follow in the order of `SHAPES`. */
export const SHAPE0 = ARKIT.length;

export type Pose = Float32Array;
export const newPose = (): Pose => new Float32Array(CHANNELS.length);

/** A pose written down by hand: channel names, or "both:name" for Left and Right. */
export type Recipe = Readonly<Record<string, number>>;

/** A recipe as two parallel arrays, quick to add. */
export interface Sparse {
  readonly index: Uint8Array;
  readonly gain: Float32Array;
}

export function sparse(recipe: Recipe): Sparse {
  const index: number[] = [];
  const gain: number[] = [];
  for (const [key, value] of Object.entries(recipe)) {
    const names = key.startsWith("both:") ? [`${key.slice(5)}Left`, `${key.slice(5)}Right`] : [key];
    for (const name of names) {
      const i = at[name as Channel];
      if (i === undefined) throw new Error(`No channel is called ${name}`);
      index.push(i);
      gain.push(value);
    }
  }
  return { index: Uint8Array.from(index), gain: Float32Array.from(gain) };
}

/** pose += amount * recipe */
export function add(pose: Pose, recipe: Sparse, amount: number): void {
  if (amount === 0) return;
  const { index, gain } = recipe;
  for (let k = 0; k < index.length; k++) {
    const i = index[k] as number;
    pose[i] = (pose[i] as number) + amount * (gain[k] as number);
  }
}
