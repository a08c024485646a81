// The same clock and marks without a speaker: for browsers without Web Audio, and for lines that are captions only
// while the browser still waits for a tap.

import { type Output, queueOptions, REPORT } from "./output";
import { type Chunk, type Mark, SoundQueue } from "./queue";

/** Few enough to cost nothing; every time that it tells is exact to a quarter of a millisecond. */
const RATE = 4_000;

export class SilentOutput implements Output {
  readonly rate = RATE;
  onmarks: (marks: Mark[]) => void = () => {};
  readonly #queue = new SoundQueue(queueOptions(RATE));
  readonly #void = new Float32Array(RATE);
  #rendered: number;
  #timer: ReturnType<typeof setInterval> | null = null;

  constructor(private readonly now: () => number = () => performance.now()) {
    this.#rendered = this.heard();
  }

  heard(): number {
    return Math.floor((this.now() / 1000) * RATE);
  }

  push(chunk: Chunk): void {
    if (this.#timer === null) {
      this.#rendered = this.heard();
      this.#timer = setInterval(() => this.render(), REPORT * 1000);
    }
    this.#queue.push(chunk);
  }

  drop(generation: number): void {
    this.render();
    this.onmarks(this.#queue.drop(generation, this.heard()));
  }

  /** Brings the queue up to now. */
  render(): void {
    const marks: Mark[] = [];
    for (let now = this.heard(); this.#rendered < now; ) {
      const count = Math.min(now - this.#rendered, this.#void.length);
      marks.push(...this.#queue.read(this.#void.subarray(0, count), this.#rendered));
      this.#rendered += count;
      now = this.heard();
    }
    if (!this.#queue.playing && this.#queue.held === 0 && this.#timer !== null) {
      clearInterval(this.#timer);
      this.#timer = null;
    }
    this.onmarks(marks);
  }
}
