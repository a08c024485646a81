import { describe, expect, it } from "vitest";
import { at, type Channel, newPose } from "./channels";
import { EMOTIONS, STATES, type State } from "./expressions";
import { Life } from "./life";

const FPS = 50;

/** Lives for `seconds`; calls `look` with each frame's pose and time. */
function live(
  life: Life,
  from: number,
  seconds: number,
  look?: (pose: Float32Array, t: number) => void,
): Float32Array {
  const pose = newPose();
  for (let i = 1; i <= seconds * FPS; i++) {
    const t = from + i / FPS;
    life.read(t, pose);
    look?.(pose, t);
  }
  return pose;
}

function track(channel: Channel, state: State, seconds: number, rate: number, seed = 3): Float64Array {
  const life = new Life(seed, 0);
  life.manner.liveliness = 1;
  life.become(state);
  const out = new Float64Array(seconds * rate);
  const pose = newPose();
  for (let i = 0; i < out.length; i++) {
    life.read(i / rate, pose);
    out[i] = pose[at[channel]] as number;
  }
  return out;
}

/** The largest correlation of a signal with itself, `from` or more samples later (at most half its length). */
function echo(signal: Float64Array, from: number): number {
  const n = signal.length;
  const mean = signal.reduce((a, b) => a + b) / n;
  const x = signal.map((v) => v - mean);
  let most = 0;
  for (let lag = from; lag < n / 2; lag++) {
    let xy = 0;
    let xx = 0;
    let yy = 0;
    for (let i = lag; i < n; i++) {
      const a = x[i] as number;
      const b = x[i - lag] as number;
      xy += a * b;
      xx += a * a;
      yy += b * b;
    }
    most = Math.max(most, xy / Math.sqrt(xx * yy));
  }
  return most;
}

describe("ten minutes of life", () => {
  it.each([
    "headYaw",
    "headPitch",
    "headRoll",
    "torsoYaw",
    "gazeYaw",
  ] as const)("do not repeat in %s", (channel) => {
    for (const state of ["idle", "speaking"] as const) {
      expect(echo(track(channel, state, 600, 4), 8 * 4), state).toBeLessThan(0.5);
    }
  });

  it("would be found out if they did", () => {
    const minute = track("headYaw", "idle", 60, 4);
    const looped = Float64Array.from({ length: 2400 }, (_, i) => minute[i % 240] as number);
    expect(echo(looped, 32)).toBeGreaterThan(0.95);
    const sines = Float64Array.from({ length: 2400 }, (_, i) => Math.sin(i * 0.05) + Math.sin(i * 0.081));
    expect(echo(sines, 32)).toBeGreaterThan(0.8);
  });

  it("differ from one seed to another", () => {
    const [a, b] = [track("headYaw", "idle", 60, 4, 1), track("headYaw", "idle", 60, 4, 2)];
    const apart = a.reduce((sum, v, i) => sum + Math.abs(v - (b[i] as number)), 0) / a.length;
    expect(apart).toBeGreaterThan(0.3);
  });

  it("hold 12 to 20 blinks a minute, each shutting within 0.15 s and open within 0.45 s", () => {
    const lid = track("eyeBlinkLeft", "listening", 600, 100);
    let blinks = 0;
    let shut = 0;
    for (let i = 1; i < lid.length - 50; i++) {
      if ((lid[i - 1] as number) < 0.5 && (lid[i] as number) >= 0.5) {
        blinks++;
        const rest = lid.subarray(i, i + 45);
        if (rest.some((v) => v > 0.995)) shut++;
        expect(Math.min(...rest)).toBeLessThan(0.05);
      }
    }
    expect(blinks / 10).toBeGreaterThan(11.5);
    expect(blinks / 10).toBeLessThan(21);
    expect(shut / blinks).toBeGreaterThan(0.85);
  });

  it("breathe 12 to 16 times a minute", () => {
    const life = new Life(3, 0);
    life.manner.liveliness = 0;
    const rise: number[] = [];
    live(life, 0, 300, (pose) => rise.push(pose[at.rise] as number));
    let breaths = 0;
    let low = true;
    for (const r of rise) {
      if (low && r > 0.35) {
        breaths++;
        low = false;
      } else if (r < 0.1) low = true;
    }
    expect(breaths / 5).toBeGreaterThan(11.5);
    expect(breaths / 5).toBeLessThan(16.5);
  });
});

describe("the eyes", () => {
  const contact = (state: State): number => {
    const life = new Life(5, 0);
    life.manner.liveliness = 1;
    life.become(state);
    let there = 0;
    let all = 0;
    live(life, 0, 300, (pose, t) => {
      if (t < 2) return;
      all++;
      // Within the viewer's face.
      if (Math.hypot(pose[at.gazeYaw] as number, pose[at.gazePitch] as number) < 3) there++;
    });
    return there / all;
  };

  it("rest on the viewer more while listening than while speaking, and hardly while thinking", () => {
    const [listening, speaking, thinking] = [contact("listening"), contact("speaking"), contact("thinking")];
    expect(listening).toBeGreaterThan(0.75);
    expect(speaking).toBeGreaterThan(0.5);
    expect(speaking).toBeLessThan(listening);
    expect(thinking).toBeLessThan(0.1);
  });

  it("come back to the viewer within 0.3 s of the first word", () => {
    for (let seed = 0; seed < 20; seed++) {
      const life = new Life(seed, 0);
      life.become("thinking");
      live(life, 0, 4);
      life.become("speaking");
      const pose = live(life, 4, 0.3);
      expect(
        Math.hypot(pose[at.gazeYaw] as number, pose[at.gazePitch] as number),
        `seed ${seed}`,
      ).toBeLessThan(3);
    }
  });

  it("jump and stand: saccades take less than a tenth of a second", () => {
    const gaze = track("gazeYaw", "idle", 120, 100);
    let moving = 0;
    let longest = 0;
    let still = 0;
    for (let i = 1; i < gaze.length; i++) {
      if (Math.abs((gaze[i] as number) - (gaze[i - 1] as number)) > 0.02)
        longest = Math.max(longest, ++moving);
      else {
        moving = 0;
        still++;
      }
    }
    expect(longest).toBeLessThan(10);
    expect(still / gaze.length).toBeGreaterThan(0.85);
  });

  it("open their pupils in the dark, gradually", () => {
    const life = new Life(1, 0);
    const before = live(life, 0, 1)[at.pupil] as number;
    life.manner.pupil = 1.22;
    expect(live(life, 1, 0.1)[at.pupil]).toBeLessThan(before + 0.1);
    expect(live(life, 1.1, 3)[at.pupil]).toBeGreaterThan(before + 0.15);
  });
});

describe("feelings", () => {
  /** Seconds until `channel` has come nine tenths of its way. */
  const arrival = (emotion: (typeof EMOTIONS)[number], channel: Channel): number => {
    const life = new Life(2, 0);
    life.manner.liveliness = 0;
    live(life, 0, 2);
    life.feel(emotion, 1);
    const values: number[] = [];
    live(life, 2, 5, (pose) => values.push(pose[at[channel]] as number));
    const [first, last] = [values[0] as number, values.at(-1) as number];
    return values.findIndex((v) => Math.abs(v - first) >= 0.9 * Math.abs(last - first)) / FPS;
  };

  it("come in their own time: surprise at once, sadness slowly", () => {
    expect(arrival("surprise", "browOuterUpLeft")).toBeLessThan(0.25);
    expect(arrival("sadness", "mouthFrownLeft")).toBeGreaterThan(0.8);
    expect(arrival("joy", "mouthSmileLeft")).toBeLessThan(0.6);
  });

  it("can be told apart, as can the states", () => {
    const faces = new Map<string, Float32Array>();
    for (const emotion of EMOTIONS) {
      const life = new Life(2, 0);
      life.manner.reducedMotion = true;
      life.feel(emotion, 1);
      faces.set(emotion, live(life, 0, 6));
    }
    for (const state of STATES.filter((s) => s !== "speaking")) {
      const life = new Life(2, 0);
      life.become(state);
      faces.set(state, live(life, 0, 6));
    }
    // Neutral and idle are the same face.
    faces.delete("neutral");
    const names = [...faces.keys()];
    for (const a of names) {
      for (const b of names.filter((n) => n > a)) {
        const [x, y] = [faces.get(a) as Float32Array, faces.get(b) as Float32Array];
        let apart = 0;
        for (let i = at.eyeSquintLeft; i < 52; i++) {
          if (i !== at.eyeBlinkRight) apart += Math.abs((x[i] as number) - (y[i] as number));
        }
        for (const c of [at.headYaw, at.headPitch, at.headRoll, at.gazeYaw, at.gazePitch]) {
          apart += Math.abs((x[c] as number) - (y[c] as number)) / 10;
        }
        expect(apart, `${a} and ${b}`).toBeGreaterThan(0.9);
      }
    }
  });

  it("scale with strength", () => {
    const smile = (strength: number): number => {
      const life = new Life(2, 0);
      life.feel("joy", strength);
      return live(life, 0, 3)[at.mouthSmileLeft] as number;
    };
    expect(smile(0.5)).toBeLessThan(0.75 * smile(1));
    expect(smile(Number.NaN)).toBe(smile(0));
  });

  it("answer the person's while they have the floor: concern for sadness, not sadness", () => {
    const shown = (state: State): Float32Array => {
      const life = new Life(2, 0);
      life.become(state);
      life.feel("sadness", 1);
      return live(life, 0, 5);
    };
    const [own, answer] = [shown("speaking"), shown("listening")];
    expect(answer[at.mouthFrownLeft]).toBeLessThan(0.5 * (own[at.mouthFrownLeft] as number));
    expect(answer[at.browInnerUp]).toBeGreaterThan(0.5);
    const life = new Life(2, 0);
    life.become("listening");
    life.feel("anger", 1);
    expect(live(life, 0, 5)[at.browDownLeft]).toBeLessThan(0.3);
  });
});

describe("less motion", () => {
  const strays = (manner: Partial<Life["manner"]>): { head: number; blinks: number } => {
    const life = new Life(4, 0);
    Object.assign(life.manner, manner);
    let blinks = 0;
    let shut = false;
    const yaw: number[] = [];
    live(life, 0, 60, (pose, t) => {
      if (t > 3) yaw.push(pose[at.headYaw] as number);
      const now = (pose[at.eyeBlinkLeft] as number) > 0.5;
      if (now && !shut) blinks++;
      shut = now;
    });
    return { head: Math.max(...yaw) - Math.min(...yaw), blinks };
  };

  it("when the person asked for it: the head rests, the blinks stay", () => {
    const still = strays({ reducedMotion: true, liveliness: 1 });
    expect(still.head).toBeLessThan(2.5);
    expect(still.blinks).toBeGreaterThan(6);
    expect(strays({ reducedMotion: false, liveliness: 1 }).head).toBeGreaterThan(3 * still.head);
  });

  it("in proportion to the slider", () => {
    const [none, some, all] = [0, 0.5, 1].map((liveliness) => strays({ liveliness }).head) as [
      number,
      number,
      number,
    ];
    expect(none).toBeLessThan(some);
    expect(some).toBeLessThan(all);
  });

  it("without nods", () => {
    const nod = (reducedMotion: boolean): number => {
      const life = new Life(4, 0);
      life.manner.reducedMotion = reducedMotion;
      life.become("listening");
      live(life, 0, 3);
      life.phraseEnd();
      let [least, most] = [99, -99];
      live(life, 3, 0.6, (pose) => {
        least = Math.min(least, pose[at.headPitch] as number);
        most = Math.max(most, pose[at.headPitch] as number);
      });
      return most - least;
    };
    expect(nod(false)).toBeGreaterThan(1.5);
    expect(nod(true)).toBeLessThan(0.7);
  });
});

describe("a hidden page", () => {
  it("is not made up for: the face goes on from where it was", () => {
    const life = new Life(1, 0);
    const before = live(life, 0, 5).slice();
    const pose = newPose();
    life.read(5 + 36_000, pose);
    for (const c of ["headYaw", "headRoll", "torsoYaw"] as const) {
      expect(Math.abs((pose[at[c]] as number) - (before[at[c]] as number)), c).toBeLessThan(0.5);
    }
    live(life, 36_005, 5);
  });
});
