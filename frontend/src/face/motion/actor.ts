// The whole performance: life, the speaking mouth, and their mixture, for one moment.

import type { FaceSettings, Speech } from "../contract";
import { newPose, type Pose, SHAPE0 } from "./channels";
import { ease } from "./curves";
import { Life } from "./life";
import { mix } from "./mix";
import { mouth, pausing } from "./mouth";

/** Seconds in which the lips come from where they were when a line begins, stops or jumps. */
const BRIDGE = 0.08;
/** A line's clock may drift from the page's by this much before it counts as a jump. */
const JUMP = 0.1;

export class Actor {
  readonly life: Life;
  readonly pose = newPose();
  /** Seconds of the line that the mouth was last computed for; NaN in silence. */
  t = Number.NaN;
  #now: number;
  #offset = new Float32Array(9);
  #shown = new Float32Array(9);
  #bridged = Number.NEGATIVE_INFINITY;
  #paused = false;

  constructor(seed: number, now: number) {
    this.life = new Life(seed, now);
    this.#now = now;
    this.act(now, null);
  }

  settings(s: FaceSettings): void {
    this.life.manner.liveliness = s.liveliness;
    this.life.manner.reducedMotion = s.reducedMotion;
    // A dark page opens the pupils.
    this.life.manner.pupil = s.theme === "dark" ? 1.22 : 0.96;
  }

  /** The pose at `now`, a steady clock in seconds, with `speech` leaving the speaker at that moment. */
  act(now: number, speech: Speech | null): Pose {
    const pose = this.pose;
    const t = speech ? speech.t : Number.NaN;
    // Sound that waits for more is no jump: the mouth waits with it.
    const ahead = t - this.t - (now - this.#now);
    const jumped = speech ? !(t >= this.t - JUMP && ahead < JUMP) : !Number.isNaN(this.t);
    this.t = t;
    this.#now = now;
    this.life.read(now, pose);
    // What is heard now counts from now on, or at a low frame rate it would have begun before it began.
    const talking = speech !== null && t < speech.until;
    this.life.hear(talking, speech?.loudness ?? 0, speech?.emphasis ?? 0);
    if (speech) {
      mouth(speech.cues, speech.until, t, this.life.loudness, pose);
      const paused = pausing(speech.cues, speech.until, t, 0.18);
      if (paused && !this.#paused) this.life.clauseEnd();
      this.#paused = paused;
    } else {
      this.#paused = false;
    }
    this.#bridge(now, jumped);
    mix(pose);
    return pose;
  }

  /** Carries the difference over a jump and lets it fade, so that the mouth itself stays a function of `t`. */
  #bridge(now: number, jumped: boolean): void {
    const pose = this.pose;
    if (jumped) {
      for (let k = 0; k < 8; k++) this.#offset[k] = (this.#shown[k] as number) - (pose[SHAPE0 + k] as number);
      this.#bridged = now;
    }
    const left = 1 - ease((now - this.#bridged) / BRIDGE);
    for (let k = 0; k < 8; k++) {
      const value = (pose[SHAPE0 + k] as number) + left * (this.#offset[k] as number);
      pose[SHAPE0 + k] = Math.max(0, value);
      this.#shown[k] = value;
    }
  }
}
