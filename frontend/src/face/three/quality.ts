// Holds the frame rate by drawing fewer pixels: a step down as soon as frames are late, a step up after a calm while.

const STEPS = [0.5, 0.7, 0.85, 1, 1.25, 1.5, 2];
/** Below this frame rate a step is taken down, above the other one up may be tried. */
const LOW = 40;
const HIGH = 54;
const WINDOW = 1;
/** Slower than this for that many windows at the fewest pixels: a drawn face is the better one. */
const HOPELESS = 4;
const WINDOWS = 6;
/** Seconds of calm before a step up; doubled each time that the step had to be taken back. */
const CALM = 4;

export class Quality {
  #step: number;
  #top: number;
  #time = 0;
  #frames = 0;
  #late = 0;
  #calm = 0;
  #patience = CALM;
  #rose = false;
  #hopeless = 0;

  /** `ratio` is the screen's own pixel ratio, which is never exceeded. */
  constructor(ratio: number) {
    this.#top = Math.max(0, STEPS.filter((s) => s <= ratio).length - 1);
    this.#step = this.#top;
  }

  get ratio(): number {
    return STEPS[this.#step] as number;
  }

  /** Frames from one drawing of the shadows to the next; they move little, and cost a second look at all vertices. */
  get shadowEvery(): number {
    return this.ratio < 0.85 ? 6 : 2;
  }

  /** Even the least takes too long. */
  get hopeless(): boolean {
    return this.#hopeless >= WINDOWS;
  }

  /** Counts a frame that took `dt` seconds; true when the ratio has changed. */
  frame(dt: number): boolean {
    // A machine that slept says nothing about drawing, nor does a frame drawn out of turn.
    if (dt > 2 || dt <= 0) return false;
    this.#time += dt;
    this.#frames++;
    if (dt > 1 / LOW) this.#late++;
    // One long frame alone (a shader being compiled) does not tell either.
    if (this.#time < WINDOW || this.#frames < 3) return false;
    const rate = this.#frames / this.#time;
    const late = this.#late * 2 > this.#frames;
    const span = this.#time;
    this.#time = 0;
    this.#frames = 0;
    this.#late = 0;
    this.#hopeless = late && rate < HOPELESS && this.#step === 0 ? this.#hopeless + 1 : 0;
    if (late && this.#step > 0) {
      if (this.#rose) this.#patience *= 2;
      this.#rose = false;
      this.#calm = 0;
      this.#step--;
      return true;
    }
    this.#calm = rate > HIGH ? this.#calm + span : 0;
    if (this.#calm < this.#patience || this.#step >= this.#top) return false;
    this.#calm = 0;
    this.#rose = true;
    this.#step++;
    return true;
  }
}
