// Blinks: on their own 12 to 20 times a minute, more often with a large gaze shift, and at the ends of phrases.

import { bump } from "./curves";
import type { Random } from "./random";

const CLOSE = 0.11;
const SHUT = 0.03;
const OPEN = 0.2;
const LENGTH = CLOSE + SHUT + OPEN;
/** Two blinks closer than this read as a flutter. */
const REST = 0.5;

export class Blink {
  #random: Random;
  #next: number;
  #start = Number.NEGATIVE_INFINITY;
  #depth = 1;
  #skew = 0;

  constructor(random: Random, now: number) {
    this.#random = random;
    this.#next = now + random.between(0.6, 2.5);
  }

  /** A reason to blink; `likelihood` 0..1. Ignored when the last blink is too recent. */
  want(now: number, likelihood: number): void {
    if (now - this.#start < LENGTH + REST || this.#random.next() > likelihood) return;
    this.#next = now;
  }

  step(now: number): void {
    if (now < this.#next) return;
    this.#start = this.#next;
    this.#depth = this.#random.next() < 0.1 ? this.#random.between(0.45, 0.7) : 1;
    this.#skew = this.#random.between(-0.004, 0.004);
    const double = this.#random.next() < 0.08;
    // A median of 3.5 s with this spread gives a mean of 3.9 s, 15 a minute.
    const wait = double ? LENGTH + 0.05 : Math.min(9, Math.max(1, this.#random.wait(3.5, 0.5)));
    this.#next = this.#start + wait;
  }

  /** How far a lid is closed, 0..1; the lids are a few milliseconds apart. `side` is -1 or 1. */
  closed(now: number, side: number): number {
    return this.#depth * bump(now - this.#start - 0.012 - side * this.#skew, CLOSE, SHUT, OPEN);
  }
}
