// Where sound goes: frames in, marks out, and a clock of what is heard.

import type { Chunk, Mark, QueueOptions } from "./queue";

export interface Output {
  /** Frames a second. */
  readonly rate: number;
  /** The frame that is heard now. */
  heard(): number;
  push(chunk: Chunk): void;
  /** Forgets all sound older than `generation`; what sounds now fades within milliseconds. */
  drop(generation: number): void;
  /** Called with what happened, possibly nothing, about twenty times a second while there is something to play. */
  onmarks: (marks: Mark[]) => void;
}

/** 30 ms of lead: two network packets' worth of jitter, and a tenth of what a person calls a pause. */
const LEAD = 0.03;
/** Long enough not to click, short enough to be called 'at once'. */
const FADE = 0.008;
/** The server stays a few seconds ahead (`limits.ahead_seconds`); this only bounds a broken one. */
const LIMIT = 180;
/** Seconds between reports while something plays. */
export const REPORT = 0.05;

export function queueOptions(rate: number): QueueOptions {
  return { lead: LEAD * rate, fade: Math.round(FADE * rate), limit: LIMIT * rate };
}

/** Messages to the worklet. */
export type ToWorklet = { do: "push"; chunk: Chunk } | { do: "drop"; generation: number };
