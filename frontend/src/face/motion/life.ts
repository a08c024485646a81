// Everything of the face but the mouth's speech, advanced in ticks of a fixed length and read between them: the
// same life at 20 and at 144 frames a second, for the same seed and the same events.

import type { Emotion } from "../contract";
import { Blink } from "./blink";
import { Body } from "./body";
import { add, at, newPose, type Pose } from "./channels";
import { bump, clamp, Spring } from "./curves";
import {
  answers,
  EMOTIONS,
  feelings,
  MICRO,
  postures,
  STATE_TIMES,
  STATES,
  type State,
  TIMES,
} from "./expressions";
import { Gaze } from "./gaze";
import { Random } from "./random";

const TICK = 0.01;
/** After a pause longer than this (a hidden page) life goes on from now instead of being made up for. */
const CATCH_UP = 1;
/** A critically damped spring is 95 % there after 4.74 / omega seconds. */
const SETTLE = 4.74;
/** Half the distance between the pupils over the distance to the viewer, as degrees: our avatar's, on our stage. */
const VERGENCE = 1.6;

export interface Manner {
  /** 0 (still) .. 1 (lively). */
  liveliness: number;
  /** No sway, no straying eyes, no nods; blinks, feelings and the mouth stay, eased more slowly. */
  reducedMotion: boolean;
  /** Factor on the pupils' radius for the light of the theme. */
  pupil: number;
}

export class Life {
  readonly manner: Manner = { liveliness: 0.7, reducedMotion: false, pupil: 1 };
  /** The body's own clock; it stands still while nobody looks. */
  #time: number;
  #shift = 0;
  #random: Random;
  #blink: Blink;
  #gaze: Gaze;
  #body: Body;
  #before = newPose();
  #after = newPose();
  #state: State = "idle";
  #floor = 1;
  #strength = new Float32Array(EMOTIONS.length);
  #feeling = EMOTIONS.map(() => new Spring());
  #posture = STATES.map(() => new Spring());
  #answering = new Spring();
  #talk = new Spring();
  #loud = new Spring();
  #pupil = new Spring();
  #micro = 0;
  #microStart = Number.NEGATIVE_INFINITY;
  #microSize = 0;

  constructor(seed: number, now: number) {
    this.#random = new Random(seed);
    this.#time = now;
    this.#blink = new Blink(this.#random, now);
    this.#gaze = new Gaze(this.#random, now);
    this.#body = new Body(this.#random, now);
    this.#strength[EMOTIONS.indexOf("neutral")] = 1;
    this.#posture[STATES.indexOf("idle")]?.jump(1);
    this.#pupil.jump(1);
    this.#tick();
    this.#before.set(this.#after);
  }

  become(state: State): void {
    if (state === this.#state) return;
    // Who had the floor last decides whether a feeling is one's own or an answer.
    if (state === "listening" || state === "thinking") this.#floor = 0;
    else if (state === "speaking" || state === "idle") this.#floor = 1;
    this.#state = state;
    this.#gaze.become(state, this.#time);
    if (state === "interrupted") this.#blink.want(this.#time, 0.7);
  }

  feel(emotion: Emotion, strength: number): void {
    this.#strength.fill(0);
    const k = EMOTIONS.indexOf(emotion);
    if (k >= 0) this.#strength[k] = clamp(Number.isFinite(strength) ? strength : 0, 0, 1);
  }

  /** A small expression of its own, at the end of a thought. */
  clauseEnd(): void {
    if (this.#time - this.#microStart < 1.2) return;
    this.#microStart = this.#time;
    this.#micro = Math.floor(this.#random.next() * MICRO.length);
    this.#microSize = this.#random.between(0.55, 1);
    this.#blink.want(this.#time + 0.05, 0.45);
  }

  phraseEnd(): void {
    if (!this.manner.reducedMotion) this.#body.nod(this.#time + 0.08);
    this.#blink.want(this.#time + 0.1, 0.6);
  }

  /** What the sound is doing now: whether there is any, how loud, and how much it is stressed (0..1 each). */
  hear(talking: boolean, loudness: number, emphasis: number): void {
    this.#talking = talking ? 1 : 0;
    this.#loudness = talking && Number.isFinite(loudness) ? clamp(loudness, 0, 1) : 0;
    this.#emphasis = talking && Number.isFinite(emphasis) ? clamp(emphasis, 0, 1) : 0;
  }
  #talking = 0;
  #loudness = 0;
  #emphasis = 0;

  /** The loudness as the mouth takes it: 20 ms windows of sound flicker with the pitch. */
  get loudness(): number {
    return this.#loud.value;
  }

  /** Fills `out` with the face at `now` (seconds of any steady clock). */
  read(now: number, out: Pose): void {
    if (now - this.#shift - this.#time > CATCH_UP) this.#shift = now - this.#time - TICK;
    const to = now - this.#shift;
    while (this.#time < to) this.#tick();
    const u = clamp(1 - (this.#time - to) / TICK, 0, 1);
    const a = this.#before;
    const b = this.#after;
    for (let i = 0; i < out.length; i++)
      out[i] = (a[i] as number) + ((b[i] as number) - (a[i] as number)) * u;
  }

  #tick(): void {
    this.#time += TICK;
    const pose = this.#before;
    this.#before = this.#after;
    this.#after = pose;
    pose.fill(0);
    this.#talk.step(this.#talking, this.#talking ? 16 : 9, TICK);
    this.#loud.step(this.#loudness, 45, TICK);
    pose[at.talk] = this.#talk.value;
    this.#hold(pose);
    this.#show(pose);
    this.#look(pose);
    this.#move(pose);
    this.#lids(pose);
  }

  /** Postures of the states, each coming in its own time. */
  #hold(pose: Pose): void {
    const calm = this.manner.reducedMotion ? 0.5 : 1;
    for (let k = 0; k < STATES.length; k++) {
      const state = STATES[k] as State;
      const on = state === this.#state;
      const spring = this.#posture[k] as Spring;
      spring.step(on ? 1 : 0, (calm * SETTLE) / STATE_TIMES[on ? state : this.#state], TICK);
      if (spring.value > 1e-4) add(pose, postures[state], spring.value);
    }
  }

  /** Feelings, as one's own or as an answer, and the small expressions. */
  #show(pose: Pose): void {
    const calm = this.manner.reducedMotion ? 0.5 : 1;
    const boldness = 0.65 + 0.35 * clamp(this.manner.liveliness, 0, 1);
    this.#answering.step(1 - this.#floor, 5, TICK);
    const answering = this.#answering.value;
    for (let k = 0; k < EMOTIONS.length; k++) {
      const emotion = EMOTIONS[k] as Emotion;
      const target = this.#strength[k] as number;
      const spring = this.#feeling[k] as Spring;
      spring.step(target, (calm * SETTLE) / TIMES[emotion][target > spring.value ? 0 : 1], TICK);
      if (spring.value < 1e-4) continue;
      add(pose, feelings[emotion], spring.value * boldness * (1 - answering));
      add(pose, answers[emotion], spring.value * boldness * answering);
    }
    const since = this.#time - this.#microStart;
    const micro = MICRO[this.#micro];
    if (since < 1.4 && micro) add(pose, micro, this.#microSize * boldness * bump(since, 0.22, 0.3, 0.6));
  }

  #look(pose: Pose): void {
    const still = this.manner.reducedMotion;
    const jumped = this.#gaze.step(this.#time, still ? 0 : clamp(this.manner.liveliness, 0, 1));
    // Half of the large shifts of gaze take a blink with them (Evinger et al. 1994).
    if (jumped > 15) this.#blink.want(this.#time, 0.55);
    else if (jumped > 6) this.#blink.want(this.#time, 0.15);
    const stray = still ? 0.4 : 1;
    const { given } = this.#body;
    given.gazeYaw = this.#gaze.yaw * stray;
    given.gazePitch = this.#gaze.pitch * stray;
    pose[at.gazeYaw] = (pose[at.gazeYaw] as number) + given.gazeYaw;
    pose[at.gazePitch] = (pose[at.gazePitch] as number) + given.gazePitch;
    pose[at.vergence] = VERGENCE * (0.35 + 0.65 * this.#gaze.contact);
  }

  #move(pose: Pose): void {
    const still = this.manner.reducedMotion;
    const { given } = this.#body;
    given.now = this.#time;
    given.dt = TICK;
    given.life = still ? 0 : clamp(this.manner.liveliness, 0, 1);
    given.talk = this.#talk.value;
    given.stress = clamp(0.65 * this.#emphasis + 0.5 * this.#loud.value - 0.12, 0, 1);
    this.#body.step(pose);
    if (still) quieten(pose);
  }

  #lids(pose: Pose): void {
    const now = this.#time;
    this.#blink.step(now);
    if (this.#state !== "offline") {
      pose[at.eyeBlinkLeft] = Math.max(pose[at.eyeBlinkLeft] as number, this.#blink.closed(now, 1));
      pose[at.eyeBlinkRight] = Math.max(pose[at.eyeBlinkRight] as number, this.#blink.closed(now, -1));
    }
    this.#pupil.step(this.manner.pupil, 3, TICK);
    // Pupils are never quite still (hippus).
    const unrest = 0.03 * Math.sin(now * 1.7) * Math.sin(now * 0.61);
    pose[at.pupil] = this.#pupil.value * (1 + (pose[at.pupil] as number) + unrest);
  }
}

/** Without motion a posture still tells the state, but only just. */
function quieten(pose: Pose): void {
  for (let i = at.headYaw; i <= at.lean; i++) pose[i] = (pose[i] as number) * 0.35;
}
