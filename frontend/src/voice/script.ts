// The lines of one turn as they grow: text, mouth, words, loudness. Pure bookkeeping.

import type { Cue, Emotion, Shape } from "../face/contract";
import type { Line, Timing } from "../wire";
import { Loudness } from "./loudness";

/** A word of a line: seconds of the line's sound, as the voice names it, and where it is written (-1: nowhere). */
export interface Word {
  readonly start: number;
  readonly end: number;
  readonly text: string;
  readonly at: number;
}

export class Spoken {
  readonly turn: number;
  readonly line: number;
  readonly text: string;
  /** What a voice of the browser's own says of it. */
  readonly spoken: string;
  /** May be read better while it is spoken. */
  emotion: Emotion;
  strength: number;
  /** Only bridges the time until the answer. */
  readonly opener: boolean;
  /** Only a caption, or said by the browser. */
  readonly mute: boolean;
  /** The browser's own voice says it. */
  byBrowser = false;
  /** The estimate of the server, or how long the caption stays. */
  readonly seconds: number;
  readonly loudness: Loudness;
  cues: readonly Cue[] = [];
  words: readonly Word[] = [];
  until = 0;
  /** Samples given to the output, and whether those are all. */
  given = 0;
  closed = false;

  constructor(
    readonly key: number,
    message: Line,
    rate: number,
  ) {
    this.turn = message.turn;
    this.line = message.line;
    this.text = message.text;
    this.spoken = message.spoken || message.text;
    this.emotion = message.emotion;
    this.strength = message.strength;
    this.opener = message.opener;
    this.mute = message.voice === "";
    this.seconds = message.seconds;
    this.loudness = new Loudness(rate);
  }

  /** Cues from `since` on are replaced, words are appended. */
  learn(timing: Timing): void {
    // The generated types do not know the members of a tuple.
    const cues = (timing.cues as [number, Shape][]).map(([start, shape]) => ({ start, shape }));
    const words = (timing.words as [number, number, string, number][]).map(([start, end, text, at]) => ({
      start,
      end,
      text,
      at,
    }));
    this.cues = [...this.cues.filter((cue) => cue.start < timing.since), ...cues];
    this.words = [...this.words, ...words];
    this.until = timing.until;
  }
}
