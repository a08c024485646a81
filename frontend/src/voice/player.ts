// Speaks a turn: takes its lines, mouth and sound as they arrive, and knows what is being heard.

import type { Speech } from "../face/contract";
import type { Feeling, Line, Timing } from "../wire";
import { floats, SOURCE_RATE, type SoundFrame } from "./frame";
import type { Output } from "./output";
import type { Mark } from "./queue";
import { Resampler } from "./resample";
import { Spoken } from "./script";
import { Timeline } from "./timeline";

export interface PlayerEvents {
  /** The first sound of a line is heard. */
  begin(line: Spoken): void;
  /** The last sound of a line has been heard; it was `seconds` long. */
  end(line: Spoken, seconds: number): void;
  /** About twenty times a second while something is heard. */
  progress(line: Spoken, seconds: number): void;
}

/** What was really heard. */
export interface Position {
  readonly turn: number;
  readonly line: number;
  readonly ms: number;
}

/** Lines remembered after they were heard, for a clock that is asked about a moment ago. */
const REMEMBERED = 8;
/** The loudness that the mouth is given where it is not known: that of usual speech. */
const LOUD = 0.5;
/** Seconds that a caption without sound may stay at most. */
const LONGEST_CAPTION = 30;

export class Player {
  #lines: Spoken[] = [];
  #timeline = new Timeline();
  #due: Mark[] = [];
  #generation = 0;
  #keys = 0;
  #resampler: Resampler | null = null;
  #last: Spoken | null = null;

  constructor(
    private output: Output,
    private readonly events: PlayerEvents,
  ) {
    this.#listen(output);
  }

  /** Whether lines were given that have not been heard to their end. */
  get busy(): boolean {
    return this.next !== null;
  }

  /** The next line to be heard, or the one that is. */
  get next(): Spoken | null {
    return this.#lines.find((line) => line.key > (this.#last?.key ?? 0)) ?? null;
  }

  /** Where sound goes now. */
  get through(): Output {
    return this.output;
  }

  /** Changes where sound goes, between turns. */
  use(output: Output): void {
    if (output === this.output) return;
    this.silence();
    this.output.onmarks = () => {};
    this.output = output;
    this.#listen(output);
  }

  line(message: Line): void {
    this.#lines.push(new Spoken(++this.#keys, message, this.output.rate));
    while (this.#lines.length > REMEMBERED && (this.#lines[0] as Spoken).key <= (this.#last?.key ?? 0)) {
      this.#lines.shift();
    }
    this.#captions();
  }

  timing(message: Timing): void {
    this.#find(message.turn, message.line)?.learn(message);
  }

  /** A line carries another feeling than was thought. Returns it while it is heard, for a face that shows it. */
  feeling({ turn, line: number, emotion, strength }: Feeling): Spoken | null {
    const line = number === null ? undefined : this.#find(turn, number);
    if (line === undefined) return null;
    line.emotion = emotion;
    line.strength = strength;
    return this.now()?.line === line ? line : null;
  }

  sound(frame: SoundFrame): void {
    const line = this.#find(frame.turn, frame.line);
    if (line === undefined || line.closed) return;
    this.#give(line, this.#atRate(floats(frame.pcm), frame.last), frame.last);
    if (frame.last) this.#captions();
  }

  /** Nothing more of `turn` will be sent: lines that were left open end with what they have. */
  finish(turn: number): void {
    for (const line of this.#lines) {
      if (line.turn === turn && !line.closed && !line.mute) this.#give(line, new Float32Array(0), true);
    }
    this.#captions();
  }

  /** Falls silent at once and forgets all that was given. Returns what was heard, null if nothing of note. */
  silence(): Position | null {
    const position = this.position();
    this.#generation++;
    this.output.drop(this.#generation);
    this.#timeline.clear();
    this.#due = [];
    this.#lines = [];
    this.#last = null;
    this.#resampler = null;
    return position;
  }

  /** How far the sound has come. */
  position(): Position | null {
    const place = this.#timeline.reached(this.output.heard());
    const line = place && this.#byKey(place.line);
    return line ? { turn: line.turn, line: line.line, ms: (place.offset / this.output.rate) * 1000 } : null;
  }

  /** The line that is heard now, and how far into it; null in silence. `offset` seconds ago, that is. */
  now(offset = 0): { line: Spoken; seconds: number } | null {
    const place = this.#timeline.at(this.output.heard() - offset * this.output.rate);
    const line = place && this.#byKey(place.line);
    return line ? { line, seconds: place.offset / this.output.rate } : null;
  }

  speech(offset = 0): Speech | null {
    const now = this.now(offset);
    if (now === null) return null;
    const { cues, until, loudness } = now.line;
    const t = now.seconds;
    // A caption that nobody says leaves the mouth closed. How loud the browser is nobody can tell.
    if (now.line.mute)
      return { cues: now.line.byBrowser ? cues : [], until, t, loudness: now.line.byBrowser ? LOUD : 0 };
    return { cues, until, t, loudness: loudness.at(t), emphasis: loudness.emphasis(t) };
  }

  #listen(output: Output): void {
    output.onmarks = (marks) => {
      for (const mark of marks) {
        if (mark.generation !== this.#generation) continue;
        this.#timeline.mark(mark);
        if (mark.kind !== "stop") this.#due.push(mark);
      }
      this.tick();
    };
  }

  /** Says what has been heard by now. Called by the output; also worth calling while nothing arrives from it. */
  tick(): void {
    const heard = this.output.heard();
    while (this.#due[0] !== undefined && this.#due[0].frame <= heard) {
      const mark = this.#due.shift() as Mark;
      if (mark.kind === "stop") continue;
      const line = this.#byKey(mark.line);
      if (line === undefined) continue;
      if (mark.kind === "begin" && mark.offset === 0) this.events.begin(line);
      if (mark.kind === "end") {
        this.#last = line;
        this.events.end(line, line.given / this.output.rate);
      }
    }
    const now = this.now();
    if (now !== null) this.events.progress(now.line, now.seconds);
  }

  // A caption without sound is silence of its length, in its place: one queue, one clock for both.
  #captions(): void {
    for (const line of this.#lines) {
      if (line.closed) continue;
      if (!line.mute) return;
      const seconds = Math.min(line.seconds, LONGEST_CAPTION);
      this.#give(line, new Float32Array(Math.round(seconds * this.output.rate)), true);
    }
  }

  #give(line: Spoken, samples: Float32Array, last: boolean): void {
    line.loudness.add(samples);
    line.given += samples.length;
    line.closed = last;
    this.output.push({ generation: this.#generation, line: line.key, samples, last });
  }

  #atRate(samples: Float32Array, last: boolean): Float32Array {
    if (this.output.rate === SOURCE_RATE) return samples;
    this.#resampler ??= new Resampler(SOURCE_RATE, this.output.rate);
    const out = this.#resampler.feed(samples, last);
    if (last) this.#resampler = null;
    return out;
  }

  #find(turn: number, line: number): Spoken | undefined {
    return this.#lines.findLast((one) => one.turn === turn && one.line === line);
  }

  #byKey(key: number): Spoken | undefined {
    return this.#lines.find((one) => one.key === key);
  }
}
