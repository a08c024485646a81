// Cues -> weights of the nine shapes, as a pure function of the sound's time. Nothing here knows of frames.
//
// Each cue is reached by one cross-fade that begins before the cue does, because lips lead the sound; the fades
// never overlap, so the weights always sum to 1 and every cue is reached in full. Rhubarb's cues already hold the
// tweens of co-articulation, so there is no second smoothing.

import type { Cue, Shape } from "../contract";
import { SHAPE0 } from "./channels";
import { ease } from "./curves";

const ORDER: Record<Shape, number> = { A: 0, B: 1, C: 2, D: 3, E: 4, F: 5, G: 6, H: 7, X: 8 };

// Seconds before a cue at which the lips set out for it, and how long they take. Speech lips lead by tens of
// milliseconds; viewers notice sound that is 45 ms early and forgive it up to 125 ms late (ITU-R BT.1359). Into a
// closure the lips must be there before the sound stops; out of one they may not part before the burst.
const SET_OUT = 0.06;
const SET_OUT_TO_CLOSURE = 0.07;
const SET_OUT_FROM_CLOSURE = 0.045;
const FADE = 0.07;
const FADE_CLOSURE = 0.055;

/** How much a quiet vowel is smaller than a loud one. Closures and teeth-on-lip are never scaled. */
const QUIET = 0.6;
const LOUD_AT = 0.55;
// B is consonants as much as vowels (K S T, EE), F is as much pucker as vowel: both shrink less.
const SCALED = Float32Array.of(0, 0.4, 1, 1, 1, 0.5, 0, 0.6, 0);

const closes = (s: Shape): boolean => s === "A" || s === "G";

function setOut(from: Shape, to: Shape): number {
  if (closes(to)) return SET_OUT_TO_CLOSURE;
  return closes(from) ? SET_OUT_FROM_CLOSURE : SET_OUT;
}

/** The last cue for which the lips have set out by `t`; -1 before the first. */
function current(cues: readonly Cue[], t: number): number {
  let low = 0;
  let high = cues.length;
  while (low < high) {
    const mid = (low + high) >> 1;
    if (begin(cues, mid) <= t) low = mid + 1;
    else high = mid;
  }
  return low - 1;
}

/** When the lips set out for cue `i`; for i = length, when they go back to rest. */
function begin(cues: readonly Cue[], i: number): number {
  const to = cues[i] as Cue;
  return to.start - setOut(i > 0 ? (cues[i - 1] as Cue).shape : "X", to.shape);
}

/**
 * Adds the shapes' weights at `t` to `out[base..base + 8]`, each multiplied by `amount`.
 *
 * `cues` must be in order of `start`; after `until` the mouth rests. `loudness` 0..1 scales vowels only; what a
 * quiet vowel lacks is left at rest. With NaN for `loudness` the shapes are as drawn.
 */
export function mouth(
  cues: readonly Cue[],
  until: number,
  t: number,
  loudness: number,
  out: Float32Array,
  base: number = SHAPE0,
  amount = 1,
): void {
  const i = current(cues, t);
  let shape: Shape = "X";
  let previous: Shape = "X";
  let reached = 1;
  const last = i >= 0 ? (cues[i] as Cue) : undefined;
  const rest = until - (last && closes(last.shape) ? SET_OUT_FROM_CLOSURE : SET_OUT);
  if (last && i === cues.length - 1 && last.start < until && t >= rest) {
    previous = last.shape;
    reached = ease((t - rest) / FADE);
  } else if (last) {
    shape = last.shape;
    previous = i > 0 ? (cues[i - 1] as Cue).shape : "X";
    const began = begin(cues, i);
    let fade = closes(shape) ? FADE_CLOSURE : FADE;
    const next = i + 1 < cues.length ? begin(cues, i + 1) : rest;
    // A short cue is still reached in full, and then left at once.
    if (next - began < fade) fade = next - began;
    reached = fade > 0 ? ease((t - began) / fade) : 1;
  }
  const loud = loudness >= 0 ? QUIET + (1 - QUIET) * Math.min(1, loudness / LOUD_AT) : 1;
  put(out, base, shape, reached * amount, loud);
  put(out, base, previous, (1 - reached) * amount, loud);
}

function put(out: Float32Array, base: number, shape: Shape, weight: number, loud: number): void {
  const k = ORDER[shape];
  const lost = weight * (SCALED[k] as number) * (1 - loud);
  out[base + k] = (out[base + k] as number) + weight - lost;
  out[base + 8] = (out[base + 8] as number) + lost;
}

/** Where the line pauses: the lips are heading for a rest that lasts at least `atLeast` seconds. */
export function pausing(cues: readonly Cue[], until: number, t: number, atLeast: number): boolean {
  const i = current(cues, t);
  const cue = cues[i];
  if (!cue) return false;
  if (cue.shape !== "X") return t >= until - SET_OUT;
  return (cues[i + 1]?.start ?? Number.POSITIVE_INFINITY) - cue.start >= atLeast && t < cue.start + atLeast;
}
