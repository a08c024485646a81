// What a feeling and a state look like at full strength, in ARKit weights and degrees. Slightly lopsided on
// purpose: a face that does the same left and right at once looks like a mask.

import type { Emotion, Mode } from "../contract";
import { type Recipe, type Sparse, sparse } from "./channels";

export const EMOTIONS: readonly Emotion[] = [
  "anger",
  "disgust",
  "fear",
  "joy",
  "neutral",
  "sadness",
  "surprise",
];

const FEELINGS: Record<Emotion, Recipe> = {
  neutral: { "both:mouthSmile": 0.1 },
  joy: {
    mouthSmileLeft: 0.82,
    mouthSmileRight: 0.76,
    "both:cheekSquint": 0.75,
    "both:eyeSquint": 0.34,
    // More of either opens dark wedges between the teeth and the corners of the mouth.
    "both:mouthUpperUp": 0.2,
    jawOpen: 0.21,
    browInnerUp: 0.22,
    "both:browOuterUp": 0.35,
    headPitch: -3,
    headRoll: 3,
    lean: 4,
  },
  sadness: {
    mouthFrownLeft: 0.72,
    mouthFrownRight: 0.78,
    browInnerUp: 0.95,
    mouthShrugLower: 0.42,
    "both:eyeBlink": 0.16,
    "both:eyeLookDown": 0.12,
    gazePitch: 9,
    headPitch: 8,
    headRoll: -3,
    torsoPitch: 1.5,
    rise: -3,
  },
  anger: {
    "both:browDown": 1,
    noseSneerLeft: 0.42,
    noseSneerRight: 0.48,
    "both:eyeSquint": 0.4,
    "both:mouthPress": 0.9,
    "both:mouthFrown": 0.55,
    mouthRollLower: 0.45,
    mouthRollUpper: 0.35,
    jawForward: 0.3,
    headPitch: 6,
    gazePitch: 0,
    lean: 6,
  },
  surprise: {
    "both:eyeWide": 0.85,
    browInnerUp: 0.9,
    browOuterUpLeft: 1,
    browOuterUpRight: 0.94,
    jawOpen: 0.55,
    mouthFunnel: 0.3,
    mouthPucker: 0.22,
    headPitch: -4,
    lean: -6,
    rise: 2,
    pupil: 0.12,
  },
  fear: {
    "both:eyeWide": 0.95,
    // Raised and drawn together at once: what a surprise never does (Ekman's 1+2+4).
    browInnerUp: 1,
    "both:browDown": 0.2,
    "both:mouthStretch": 0.9,
    "both:mouthLowerDown": 0.5,
    "both:mouthUpperUp": 0.15,
    "both:mouthFrown": 0.7,
    jawOpen: 0.26,
    headYaw: 6,
    headPitch: 5,
    headRoll: 3,
    lean: -12,
    rise: 3,
    pupil: 0.18,
  },
  disgust: {
    noseSneerLeft: 1,
    noseSneerRight: 0.9,
    browDownLeft: 0.6,
    browDownRight: 0.75,
    "both:eyeSquint": 0.55,
    mouthUpperUpLeft: 0.42,
    mouthUpperUpRight: 0.12,
    "both:mouthFrown": 0.55,
    mouthShrugLower: 0.4,
    headYaw: -8,
    headPitch: -3,
    headRoll: -3,
    lean: -7,
  },
};

/**
 * While the person has the floor a feeling is an answer to theirs: concern for sadness and fear, calm attention
 * for anger, never the feeling itself thrown back.
 */
const ANSWERS: Record<Emotion, Recipe> = {
  neutral: FEELINGS.neutral,
  joy: {
    mouthSmileLeft: 0.62,
    mouthSmileRight: 0.55,
    "both:cheekSquint": 0.45,
    "both:browOuterUp": 0.25,
    headRoll: 3,
  },
  sadness: {
    browInnerUp: 0.75,
    "both:mouthFrown": 0.22,
    "both:mouthPress": 0.25,
    "both:eyeSquint": 0.15,
    headRoll: 3.5,
    headPitch: 3,
    lean: 6,
  },
  anger: {
    browInnerUp: 0.35,
    "both:browDown": 0.18,
    "both:mouthPress": 0.35,
    headPitch: 4,
    headRoll: 2,
    lean: 3,
  },
  fear: {
    browInnerUp: 0.7,
    "both:eyeWide": 0.15,
    "both:mouthPress": 0.2,
    headRoll: 4,
    headPitch: 2,
    lean: 6,
  },
  disgust: {
    browInnerUp: 0.3,
    browDownRight: 0.3,
    mouthLeft: 0.25,
    mouthPressLeft: 0.3,
    headYaw: -3,
  },
  surprise: {
    "both:eyeWide": 0.4,
    browInnerUp: 0.45,
    "both:browOuterUp": 0.55,
    "both:mouthSmile": 0.15,
    headPitch: -2,
  },
};

/** A state, to be read at a glance without sound. */
export type State = Mode;
export const STATES: readonly State[] = [
  "idle",
  "listening",
  "thinking",
  "speaking",
  "interrupted",
  "offline",
  "confused",
];

const POSTURES: Record<State, Recipe> = {
  idle: {
    mouthSmileLeft: 0.26,
    mouthSmileRight: 0.22,
    "both:cheekSquint": 0.16,
    browInnerUp: 0.12,
    headRoll: 1,
  },
  listening: {
    "both:browOuterUp": 0.28,
    browInnerUp: 0.3,
    "both:eyeWide": 0.16,
    mouthSmileLeft: 0.24,
    mouthSmileRight: 0.16,
    headRoll: 5.5,
    headYaw: -3,
    headPitch: 1,
    lean: 10,
  },
  thinking: {
    browOuterUpLeft: 0.75,
    browInnerUp: 0.18,
    browDownRight: 0.5,
    eyeSquintRight: 0.28,
    "both:mouthPress": 0.45,
    mouthLeft: 0.45,
    mouthPucker: 0.22,
    headYaw: 4,
    headPitch: -5,
    headRoll: -5,
  },
  speaking: { "both:mouthSmile": 0.14, "both:browOuterUp": 0.08, lean: 3 },
  interrupted: {
    "both:eyeWide": 0.7,
    browInnerUp: 0.8,
    "both:browOuterUp": 0.9,
    mouthFunnel: 0.22,
    jawOpen: 0.07,
    headPitch: -5,
    rise: 3,
    lean: -16,
  },
  offline: {
    "both:eyeBlink": 1,
    browInnerUp: 0.15,
    "both:mouthFrown": 0.08,
    headPitch: 13,
    headRoll: -6,
    rise: -5,
  },
  confused: {
    browDownLeft: 0.55,
    browInnerUp: 0.35,
    browOuterUpRight: 0.8,
    eyeSquintLeft: 0.35,
    mouthRight: 0.3,
    mouthFrownLeft: 0.35,
    mouthShrugLower: 0.25,
    mouthStretchRight: 0.15,
    headRoll: 9,
    headYaw: 4,
    lean: 4,
  },
};

/** Small things a face does at the end of a thought; one is picked at a time. */
export const MICRO: readonly Sparse[] = [
  { "both:browOuterUp": 0.4, browInnerUp: 0.25 },
  { mouthSmileLeft: 0.3, mouthSmileRight: 0.18, "both:cheekSquint": 0.2 },
  { "both:mouthPress": 0.35, "both:mouthDimple": 0.2 },
  { "both:eyeSquint": 0.3, "both:cheekSquint": 0.15, headPitch: 1.5 },
  { mouthDimpleLeft: 0.4, mouthLeft: 0.12, browOuterUpLeft: 0.25, headRoll: -2 },
].map(sparse);

/** Seconds for a feeling to come and to go (to about 95 %): a surprise is quick, sadness slow. */
export const TIMES: Record<Emotion, readonly [number, number]> = {
  surprise: [0.18, 0.9],
  fear: [0.3, 1.1],
  anger: [0.5, 1.4],
  disgust: [0.4, 0.9],
  joy: [0.45, 1.3],
  neutral: [0.7, 0.7],
  sadness: [1.3, 2.2],
};

/** Seconds for a state to come. */
export const STATE_TIMES: Record<State, number> = {
  idle: 1.2,
  listening: 0.55,
  thinking: 0.6,
  speaking: 0.35,
  interrupted: 0.22,
  offline: 2,
  confused: 0.5,
};

const table = <K extends string>(recipes: Record<K, Recipe>): Record<K, Sparse> =>
  Object.fromEntries(Object.entries<Recipe>(recipes).map(([k, r]) => [k, sparse(r)])) as Record<K, Sparse>;

export const feelings = table(FEELINGS);
export const answers = table(ANSWERS);
export const postures = table(POSTURES);
