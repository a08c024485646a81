// Head and body: breathing, sway, shifts of weight, nods. Everything is noise over time or an event with a random
// size, so nothing comes round again.

import { at, type Pose } from "./channels";
import { bump, Spring } from "./curves";
import { noise, type Random } from "./random";

/** Breaths a second at rest (14 a minute) and how much that wanders. */
const BREATH = 14 / 60;
const WANDER = 0.22;

export class Body {
  #random: Random;
  #breath = 0;
  #nextShift: number;
  #shiftYaw = 0;
  #shiftRoll = 0;
  #yaw = new Spring();
  #roll = new Spring();
  #nodStart = Number.NEGATIVE_INFINITY;
  #nodSize = 0;
  #nodTwice = 0;
  #beat = new Spring();
  #headYaw = new Spring();
  #headPitch = new Spring();

  constructor(random: Random, now: number) {
    this.#random = random;
    this.#nextShift = now + random.between(3, 7);
  }

  nod(now: number): void {
    if (now - this.#nodStart < 0.7) return;
    this.#nodStart = now;
    this.#nodSize = this.#random.between(3, 5.5);
    this.#nodTwice = this.#random.next() < 0.4 ? this.#random.between(0.4, 0.7) : 0;
  }

  /**
   * One step of `dt` up to `now`; adds to `pose`. `life` 0..1 scales everything but the breath; `talk` is how much
   * the avatar is speaking and `stress` how hard at this moment; the head follows the gaze a little.
   */
  step(
    pose: Pose,
    now: number,
    dt: number,
    life: number,
    talk: number,
    stress: number,
    gazeYaw: number,
    gazePitch: number,
  ): void {
    this.#breath += dt * (BREATH * (1 + 0.25 * talk) * (1 + WANDER * noise(now * 0.13, 11)));
    const phase = this.#breath - Math.floor(this.#breath);
    // In over two fifths of the cycle, out over the rest.
    const chest = bump(phase, 0.4, 0.04, 0.56);
    const deep = (0.75 + 0.25 * noise(now * 0.07, 12)) * (0.35 + 0.65 * life);
    push(pose, at.rise, 1.6 * chest * deep);
    push(pose, at.torsoPitch, -0.7 * chest * deep);
    push(pose, at.headPitch, 0.35 * chest * deep);

    if (now >= this.#nextShift) {
      this.#shiftYaw = 2.2 * this.#random.normal();
      this.#shiftRoll = 1.1 * this.#random.normal();
      this.#nextShift += this.#random.between(5, 14);
    }
    const shiftYaw = this.#yaw.step(life * this.#shiftYaw, 2.4, dt);
    const shiftRoll = this.#roll.step(life * this.#shiftRoll, 2.1, dt);
    push(pose, at.torsoYaw, shiftYaw);
    push(pose, at.torsoRoll, shiftRoll);
    push(pose, at.headRoll, -0.7 * shiftRoll);

    const sway = life * (1 + 0.7 * talk);
    push(pose, at.headYaw, sway * (1.9 * noise(now * 0.31, 21) + 0.5 * noise(now * 0.9, 22)));
    push(pose, at.headPitch, sway * (1.2 * noise(now * 0.27, 23) + 0.4 * noise(now * 0.8, 24)));
    push(pose, at.headRoll, sway * (1.4 * noise(now * 0.23, 25) + 0.3 * noise(now * 0.7, 26)));
    push(pose, at.lean, life * 1.5 * noise(now * 0.17, 27));

    // Stressed syllables move the head down and the brows up a little (Munhall et al. 2004).
    const beat = this.#beat.step(stress, 14, dt);
    push(pose, at.headPitch, life * talk * 4.2 * beat);
    push(pose, at.browInnerUp, life * talk * 0.2 * beat);
    push(pose, at.browOuterUpLeft, life * talk * 0.34 * beat);
    push(pose, at.browOuterUpRight, life * talk * 0.28 * beat);

    const t = now - this.#nodStart;
    const nod = bump(t, 0.18, 0.02, 0.3) + this.#nodTwice * bump(t - 0.42, 0.16, 0, 0.3);
    push(pose, at.headPitch, life * this.#nodSize * nod);

    push(pose, at.headYaw, this.#headYaw.step(0.32 * gazeYaw, 6, dt));
    push(pose, at.headPitch, this.#headPitch.step(0.26 * gazePitch, 6, dt));
  }
}

function push(pose: Pose, i: number, amount: number): void {
  pose[i] = (pose[i] as number) + amount;
}
