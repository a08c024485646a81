// Head and body: breathing, sway, shifts of weight, nods. Everything is noise over time or an event with a random
// size, so nothing comes round again.

import { at, type Pose } from "./channels";
import { bump, Spring } from "./curves";
import { noise, type Random } from "./random";

/** Breaths a second at rest (14 a minute) and how much that wanders. */
const BREATH = 14 / 60;
const WANDER = 0.22;

export class Body {
  /** What the step is given: set these, then call `step`. Fields, because numbers passed about become garbage. */
  readonly given = {
    now: 0,
    dt: 0,
    /** 0..1, scales everything but the breath. */
    life: 0,
    /** 0..1, how much the avatar is speaking, and how hard it leans on this moment. */
    talk: 0,
    stress: 0,
    gazeYaw: 0,
    gazePitch: 0,
  };
  readonly #random: Random;
  readonly #drift = new Drift();
  #breath = 0;
  #nextShift: number;
  #shiftYaw = 0;
  #shiftRoll = 0;
  readonly #yaw = new Spring();
  readonly #roll = new Spring();
  #nodStart = Number.NEGATIVE_INFINITY;
  #nodSize = 0;
  #nodTwice = 0;
  readonly #beat = new Spring();
  readonly #headYaw = new Spring();
  readonly #headPitch = new Spring();

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

  /** Adds the body's motion of one step, as `given`, to `pose`. */
  step(pose: Pose): void {
    this.#drift.at(this.given.now);
    this.#breathe(pose);
    this.#shift(pose);
    this.#sway(pose);
    this.#stress(pose);
    this.#follow(pose);
  }

  #breathe(pose: Pose): void {
    const { dt, talk, life } = this.given;
    const drift = this.#drift.values;
    this.#breath += dt * (BREATH * (1 + 0.25 * talk) * (1 + WANDER * (drift[0] as number)));
    const phase = this.#breath - Math.floor(this.#breath);
    // In over two fifths of the cycle, out over the rest.
    const chest = bump(phase, 0.4, 0.04, 0.56) * (0.75 + 0.25 * (drift[1] as number)) * (0.35 + 0.65 * life);
    push(pose, at.rise, 1.6 * chest);
    push(pose, at.torsoPitch, -0.7 * chest);
    push(pose, at.headPitch, 0.35 * chest);
  }

  /** Every so often the weight goes to the other foot. */
  #shift(pose: Pose): void {
    const { now, dt, life } = this.given;
    if (now >= this.#nextShift) {
      this.#shiftYaw = 2.2 * this.#random.normal();
      this.#shiftRoll = 1.1 * this.#random.normal();
      this.#nextShift += this.#random.between(5, 14);
    }
    this.#yaw.step(life * this.#shiftYaw, 2.4, dt);
    this.#roll.step(life * this.#shiftRoll, 2.1, dt);
    push(pose, at.torsoYaw, this.#yaw.value);
    push(pose, at.torsoRoll, this.#roll.value);
    push(pose, at.headRoll, -0.7 * this.#roll.value);
  }

  #sway(pose: Pose): void {
    const { life, talk } = this.given;
    const drift = this.#drift.values;
    const sway = life * (1 + 0.7 * talk);
    push(pose, at.headYaw, sway * (1.9 * (drift[2] as number) + 0.5 * (drift[3] as number)));
    push(pose, at.headPitch, sway * (1.2 * (drift[4] as number) + 0.4 * (drift[5] as number)));
    push(pose, at.headRoll, sway * (1.4 * (drift[6] as number) + 0.3 * (drift[7] as number)));
    push(pose, at.lean, life * 1.5 * (drift[8] as number));
  }

  /** Stressed syllables move the head down and the brows up a little (Munhall et al. 2004). */
  #stress(pose: Pose): void {
    const { now, dt, life, talk, stress } = this.given;
    this.#beat.step(stress, 14, dt);
    const beat = life * talk * this.#beat.value;
    push(pose, at.browInnerUp, 0.2 * beat);
    push(pose, at.browOuterUpLeft, 0.34 * beat);
    push(pose, at.browOuterUpRight, 0.28 * beat);
    const t = now - this.#nodStart;
    const nod = bump(t, 0.18, 0.02, 0.3) + this.#nodTwice * bump(t - 0.42, 0.16, 0, 0.3);
    push(pose, at.headPitch, 4.2 * beat + life * this.#nodSize * nod);
  }

  /** The head follows the gaze, part of the way and later. */
  #follow(pose: Pose): void {
    const { dt, gazeYaw, gazePitch } = this.given;
    this.#headYaw.step(0.32 * gazeYaw, 6, dt);
    this.#headPitch.step(0.26 * gazePitch, 6, dt);
    push(pose, at.headYaw, this.#headYaw.value);
    push(pose, at.headPitch, this.#headPitch.value);
  }
}

/** Nine independent noises: breath's pace and depth, then the sway of head and body, slow and quick. */
class Drift {
  readonly values = new Float64Array(9);
  static readonly #rates = Float64Array.of(0.13, 0.07, 0.31, 0.9, 0.27, 0.8, 0.23, 0.7, 0.17);

  at(now: number): void {
    for (let k = 0; k < 9; k++) this.values[k] = noise(now * (Drift.#rates[k] as number), 11 + k);
  }
}

function push(pose: Pose, i: number, amount: number): void {
  pose[i] = (pose[i] as number) + amount;
}
