import { describe, expect, it } from "vitest";
import type { Cue, FaceSettings, Speech } from "../contract";
import { Actor } from "./actor";
import { at, CHANNELS, type Channel, SHAPE0 } from "./channels";

const SETTINGS: FaceSettings = {
  look: "",
  avatar: "",
  colours: {},
  liveliness: 1,
  reducedMotion: false,
  theme: "light",
  mouthOffsetMs: 0,
};

/** A line that says something every 90 ms, with closures among it. */
const SAID: Cue[] = [..."XBCADEAFGHCBADBCEX"].map((shape, i) => ({
  start: i * 0.09,
  shape: shape as Cue["shape"],
}));
const LENGTH = SAID.length * 0.09;

function play(fps: number, seconds: number, seed = 7): Float32Array[] {
  const actor = new Actor(seed, 100);
  actor.settings(SETTINGS);
  actor.life.become("speaking");
  const kept: Float32Array[] = [];
  const frames = Math.round(seconds * fps);
  const every = fps / 4;
  for (let i = 0; i <= frames; i++) {
    const now = 100 + i / fps;
    const t = now - 100.5;
    const speech: Speech | null =
      t >= 0 && t < LENGTH ? { cues: SAID, until: LENGTH, t, loudness: 0.8 } : null;
    const pose = actor.act(now, speech);
    if (i % every === 0) kept.push(pose.slice());
  }
  return kept;
}

describe("the performance", () => {
  it("is the same at 20 and at 144 frames a second", () => {
    const slow = play(20, 12);
    const fast = play(144, 12);
    expect(slow.length).toBe(fast.length);
    slow.forEach((pose, i) => {
      for (let c = 0; c < CHANNELS.length; c++) {
        const name = CHANNELS[c] as Channel;
        // What the sound does reaches the body with the next frame, which at 20 a second may be 50 ms later.
        const tolerance =
          name.startsWith("head") || name.startsWith("eye") || name.startsWith("torso") ? 1.2 : 0.08;
        expect(
          Math.abs((pose[c] as number) - ((fast[i] as Float32Array)[c] as number)),
          `${name} at ${i / 4} s`,
        ).toBeLessThan(tolerance);
      }
    });
  });

  it("moves the mouth exactly alike at every frame rate", () => {
    const shapes = (fps: number): number[][] =>
      play(fps, 2).map((pose) => [...pose.subarray(SHAPE0, SHAPE0 + 9)].map((x) => Math.round(x * 50) / 50));
    expect(shapes(20)).toEqual(shapes(100));
  });

  it("stays within what an avatar can show", () => {
    for (const pose of play(60, 30)) {
      for (let i = 0; i < 52; i++) {
        expect(pose[i]).toBeGreaterThanOrEqual(0);
        expect(pose[i]).toBeLessThanOrEqual(1);
      }
      expect(Math.abs(pose[at.headYaw] as number)).toBeLessThan(25);
      expect(Math.abs(pose[at.headPitch] as number)).toBeLessThan(25);
      for (const x of pose) expect(Number.isFinite(x)).toBe(true);
    }
  });

  it("comes to a closure against a laughing face", () => {
    const actor = new Actor(1, 0);
    actor.settings(SETTINGS);
    actor.life.become("speaking");
    actor.life.feel("joy", 1);
    const cues: Cue[] = [
      { start: 0, shape: "D" },
      { start: 1, shape: "A" },
      { start: 1.12, shape: "D" },
    ];
    let pose = actor.pose;
    for (let t = 0; t <= 1.03; t += 0.01) pose = actor.act(t, { cues, until: 2, t, loudness: 1 });
    expect(pose[at.shapeA]).toBeGreaterThan(0.999);
    for (const name of ["jawOpen", "mouthUpperUpLeft", "mouthLowerDownRight"] as const) {
      expect(pose[at[name]], name).toBeLessThan(0.002);
    }
  });

  it("bridges a line that is cut off, within a tenth of a second", () => {
    const actor = new Actor(1, 0);
    const cues: Cue[] = [{ start: 0, shape: "D" }];
    for (let t = 0; t < 0.5; t += 0.01) actor.act(t, { cues, until: 2, t, loudness: 1 });
    const open = actor.pose[at.shapeD] as number;
    expect(open).toBeGreaterThan(0.9);
    const first = actor.act(0.51, null)[at.shapeD] as number;
    expect(first).toBeGreaterThan(0.8 * open);
    for (let t = 0.52; t < 0.62; t += 0.01) actor.act(t, null);
    expect(actor.pose[at.shapeD]).toBeLessThan(0.01);
  });

  it("tells for which moment of the line it was computed", () => {
    const actor = new Actor(1, 0);
    actor.act(0.1, { cues: SAID, until: LENGTH, t: 0.42, loudness: 1 });
    expect(actor.t).toBe(0.42);
    actor.act(0.2, null);
    expect(actor.t).toBeNaN();
  });
});
