// How loud a line is over its time, taken from the samples themselves as they are given to the speaker.

/** Seconds of one step. */
export const STEP = 0.02;
/** dBFS of root mean square that count as nothing and as everything: room noise, and a loud stressed vowel. */
const FLOOR = -50;
const CEILING = -12;
/** Steps on either side that make up the phrase around a moment: about 150 ms. */
const AROUND = 3;

export class Loudness {
  #steps: number[] = [];
  #sum = 0;
  #count = 0;
  #mean = 0;
  readonly #size: number;

  constructor(rate: number) {
    this.#size = Math.round(rate * STEP);
  }

  add(samples: Float32Array): void {
    for (const sample of samples) {
      this.#sum += sample * sample;
      if (++this.#count < this.#size) continue;
      this.#close();
    }
  }

  /** 0..1 of the step around `seconds`. */
  at(seconds: number): number {
    return this.#steps[Math.floor(seconds / STEP)] ?? 0;
  }

  /** 0..1: how far the syllables around `seconds` stand out from the line so far. */
  emphasis(seconds: number): number {
    const centre = Math.floor(seconds / STEP);
    const near = this.#steps.slice(Math.max(0, centre - AROUND), centre + AROUND + 1);
    if (near.length === 0 || this.#mean >= 1) return 0;
    const mean = near.reduce((sum, one) => sum + one, 0) / near.length;
    return Math.min(1, Math.max(0, (mean - this.#mean) / (1 - this.#mean)));
  }

  #close(): void {
    const decibels = 10 * Math.log10(this.#sum / this.#count + 1e-12);
    const level = Math.min(1, Math.max(0, (decibels - FLOOR) / (CEILING - FLOOR)));
    this.#steps.push(level);
    this.#mean += (level - this.#mean) / this.#steps.length;
    this.#sum = 0;
    this.#count = 0;
  }
}
