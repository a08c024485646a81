// Tells the server how far the sound has come: four times a second, and at the end of each line.

import type { Spoken } from "./script";

const EVERY = 250;

export class Reporter {
  #told = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly tell: (turn: number, line: number, ms: number) => void,
    private readonly now: () => number = () => performance.now(),
  ) {}

  progress(line: Spoken, seconds: number): void {
    if (this.now() - this.#told < EVERY) return;
    this.#say(line, seconds * 1000);
  }

  /** `seconds` is the length of all of the line's sound. */
  end(line: Spoken, seconds: number): void {
    this.#say(line, seconds * 1000);
  }

  #say(line: Spoken, ms: number): void {
    this.#told = this.now();
    this.tell(line.turn, line.line, Math.round(ms));
  }
}
