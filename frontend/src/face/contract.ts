// What the page and the face promise each other. The page implements `speech`, the face implements `Face`;
// neither imports anything else of the other.

import type { Line } from "../wire";

/** The seven emotions of the protocol. */
export type Emotion = Line["emotion"];

/** Rhubarb's mouth shapes: A to F are the basic ones, G and H the extended ones, X is rest. */
export type Shape = "A" | "B" | "C" | "D" | "E" | "F" | "G" | "H" | "X";

/** A mouth shape that holds from `start` (seconds of its line's sound) until the next cue begins. */
export interface Cue {
  readonly start: number;
  readonly shape: Shape;
}

/** What is leaving the speaker at this moment. */
export interface Speech {
  /** The cues of the line, in order of `start`. The array is replaced, never changed, when new ones arrive. */
  readonly cues: readonly Cue[];
  /** Seconds of the line's sound at which the last cue ends. */
  readonly until: number;
  /** Seconds into the line: audio clock less output latency, less what the person set as their offset. */
  readonly t: number;
  /** 0..1, of about 20 ms of sound around `t`. */
  readonly loudness: number;
  /** 0..1, how much the line leans on what is being said now. */
  readonly emphasis?: number;
}

/** "confused" is for words that could not be made out. */
export type Mode = "idle" | "listening" | "thinking" | "speaking" | "interrupted" | "offline" | "confused";

export interface FaceSettings {
  /** The key of a look in `looks.json`, or "drawn" for the 2D face. */
  readonly look: string;
  /** Where the looks and their models lie, with a slash at the end: "/static/avatar/". */
  readonly avatar: string;
  /** CSS colours of parts that a look lets the person change ("eyes", "hair", "skin", "clothes"). */
  readonly colours: Readonly<Record<string, string>>;
  /** 0 (still) .. 1 (lively). */
  readonly liveliness: number;
  readonly reducedMotion: boolean;
  readonly theme: "light" | "dark";
  /** Already in `Speech.t`; here only so that a face may show it. */
  readonly mouthOffsetMs: number;
}

export interface Face {
  readonly kind: "3d" | "2d";
  mode(mode: Mode): void;
  /** The emotion of the line being spoken, or the answer to what the person's words carried; strength 0..1. */
  feel(emotion: Emotion, strength: number): void;
  /** The person came to the end of a clause: a small expression. */
  clauseEnd(): void;
  /** The person came to the end of a phrase: a nod. */
  phraseEnd(): void;
  settings(settings: FaceSettings): void;
  /** The host has another size. */
  resize(): void;
  dispose(): void;
}

/**
 * A face inside `host`, WebGL or, where that fails, drawn. `speech` is asked once a frame; null is silence.
 * `report` is called with a plain sentence when something works less well than it could. Never rejects for
 * want of WebGL or of a model; it reports and draws.
 */
export type CreateFace = (
  host: HTMLElement,
  speech: () => Speech | null,
  settings: FaceSettings,
  report: (problem: string) => void,
) => Promise<Face>;
