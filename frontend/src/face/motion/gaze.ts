// Where the eyes look: fixations joined by saccades. Angles in degrees, 0 is the camera, yaw to the avatar's left,
// pitch down.

import { clamp, ease } from "./curves";
import type { State } from "./expressions";
import type { Random } from "./random";

/** How a state looks around: share of time on the viewer's eyes, and the median seconds of one fixation. */
interface Habit {
  readonly contact: number;
  readonly stay: number;
  readonly yaw: number;
  readonly pitch: number;
  readonly spread: number;
}

// Shares from studies of dyads: about 50 % while speaking, 70 % while listening (Argyle & Cook 1976). The talker's
// share is set higher here because looking away from a face that fills the screen reads as absence.
const HABITS: Record<State, Habit> = {
  idle: { contact: 0.62, stay: 1.6, yaw: 0, pitch: 1, spread: 9 },
  listening: { contact: 0.86, stay: 2.4, yaw: 0, pitch: 2, spread: 4 },
  thinking: { contact: 0.04, stay: 0.9, yaw: 15, pitch: -11, spread: 4 },
  speaking: { contact: 0.68, stay: 1.2, yaw: 0, pitch: 2, spread: 6 },
  interrupted: { contact: 1, stay: 2.5, yaw: 0, pitch: 0, spread: 1 },
  offline: { contact: 0, stay: 4, yaw: 0, pitch: 12, spread: 1 },
  confused: { contact: 0.8, stay: 1.2, yaw: -4, pitch: 3, spread: 4 },
};

const MICRO = 0.35;

export class Gaze {
  yaw = 0;
  pitch = 0;
  /** Share of eye contact at this moment, 0..1: what vergence follows. */
  contact = 1;
  #random: Random;
  #state: State = "idle";
  #fromYaw = 0;
  #fromPitch = 0;
  #toYaw = 0;
  #toPitch = 0;
  #fromContact = 1;
  #toContact = 1;
  #start = 0;
  #length = 1;
  #next: number;
  #side = 1;

  constructor(random: Random, now: number) {
    this.#random = random;
    this.#next = now + 1.2;
  }

  /** A new state moves the eyes soon: away to think, back to the viewer to speak. */
  become(state: State, now: number): void {
    if (state === this.#state) return;
    this.#state = state;
    if (state === "thinking") this.#side = this.#random.next() < 0.75 ? 1 : -1;
    this.#next = now + this.#random.between(0.06, 0.16);
    this.#first = true;
  }
  #first = false;

  /**
   * Moves the eyes to where they are at `now`. `range` 0..1 scales how far they stray from their place.
   * Returns the size in degrees of a saccade that begins in this step, else 0.
   */
  step(now: number, range: number): number {
    let jumped = 0;
    if (now >= this.#next) {
      const start = this.#next;
      this.#settle(start);
      const fromYaw = this.#fromYaw;
      const fromPitch = this.#fromPitch;
      this.#choose(range);
      jumped = Math.hypot(this.#toYaw - fromYaw, this.#toPitch - fromPitch);
      this.#start = start;
      // The main sequence of saccades: 21 ms and 2.2 ms per degree (Carpenter 1988).
      this.#length = 0.021 + 0.0022 * jumped;
    }
    const u = ease((now - this.#start) / this.#length);
    this.yaw = this.#fromYaw + (this.#toYaw - this.#fromYaw) * u;
    this.pitch = this.#fromPitch + (this.#toPitch - this.#fromPitch) * u;
    this.contact = this.#fromContact + (this.#toContact - this.#fromContact) * u;
    return jumped;
  }

  #settle(now: number): void {
    const u = ease((now - this.#start) / this.#length);
    this.#fromYaw += (this.#toYaw - this.#fromYaw) * u;
    this.#fromPitch += (this.#toPitch - this.#fromPitch) * u;
    this.#fromContact += (this.#toContact - this.#fromContact) * u;
  }

  #choose(range: number): void {
    const random = this.#random;
    const habit = HABITS[this.#state];
    const look = this.#first ? habit.contact > 0.1 : random.next() < habit.contact;
    this.#first = false;
    if (look) {
      // From one of the viewer's eyes to the other: small, often, and why a gaze seems awake.
      this.#toYaw = MICRO * range * random.between(-2.2, 2.2);
      this.#toPitch = MICRO * range * random.between(-1.2, 1.2);
      this.#toContact = 1;
    } else {
      const stray = habit.spread * (0.25 + 0.75 * range);
      this.#toYaw = clamp(habit.yaw * this.#side + stray * random.normal(), -24, 24);
      this.#toPitch = clamp(habit.pitch + 0.6 * stray * random.normal(), -16, 16);
      this.#toContact = 0;
      if (this.#state === "thinking" && random.next() < 0.22) this.#side = -this.#side;
    }
    // Glances away are shorter than looks, or their share would not hold.
    const stay = look || habit.contact < 0.1 ? habit.stay : habit.stay * 0.5;
    this.#next += clamp(random.wait(stay, 0.45), 0.25, 6);
  }
}
