import { describe, expect, it } from "vitest";
import type { Cue, Shape } from "../contract";
import { mouth, pausing } from "./mouth";

const cues = (...list: [number, Shape][]): Cue[] => list.map(([start, shape]) => ({ start, shape }));
const LOUD = 1;

function at(list: readonly Cue[], t: number, until = 10, loudness = LOUD): Record<string, number> {
  const out = new Float32Array(9);
  mouth(list, until, t, loudness, out, 0);
  return Object.fromEntries([..."ABCDEFGHX"].map((s, i) => [s, out[i] as number]));
}

const LINE = cues(
  [0, "X"],
  [0.12, "B"],
  [0.25, "A"],
  [0.33, "D"],
  [0.5, "C"],
  [0.54, "A"],
  [0.62, "E"],
  [0.8, "F"],
  [0.95, "G"],
  [1.05, "H"],
  [1.2, "B"],
  [1.31, "X"],
);

describe("the mouth", () => {
  it("always sums to one and never overshoots", () => {
    for (let t = -0.5; t < 2; t += 0.001) {
      const w = Object.values(at(LINE, t, 1.6));
      expect(w.reduce((a, b) => a + b)).toBeCloseTo(1, 5);
      for (const x of w) expect(x).toBeGreaterThanOrEqual(0);
    }
  });

  it("reaches every cue in full, closures before their sound", () => {
    LINE.forEach(({ start, shape }, i) => {
      const end = LINE[i + 1]?.start ?? 1.6;
      let peak = 0;
      for (let t = start - 0.08; t < end; t += 0.001)
        peak = Math.max(peak, at(LINE, t, 1.6)[shape] as number);
      expect(peak, `${shape} at ${start}`).toBeGreaterThan(0.999);
    });
    for (const { start, shape } of LINE)
      if ("AG".includes(shape)) expect(at(LINE, start)[shape]).toBeGreaterThan(0.999);
  });

  it("sets out 40 to 80 ms before the sound, and not earlier", () => {
    LINE.slice(1).forEach(({ start, shape }) => {
      expect(at(LINE, start - 0.0801)[shape], `${shape} at ${start}`).toBe(0);
      expect(at(LINE, start - 0.03)[shape], `${shape} at ${start}`).toBeGreaterThan(0);
    });
  });

  it("keeps the lips closed through a closure until 45 ms before they may part", () => {
    const held = cues([0, "D"], [0.5, "A"], [0.62, "D"]);
    for (let t = 0.5; t < 0.574; t += 0.001) expect(at(held, t).A).toBeGreaterThan(0.999);
  });

  it("scales vowels by loudness, closures and teeth on lip never", () => {
    for (const [shape, scaled] of Object.entries({ A: false, G: false, C: true, D: true, E: true })) {
      const list = cues([0, shape as Shape]);
      const [quiet, loud] = [at(list, 0.5, 10, 0)[shape] as number, at(list, 0.5, 10, 1)[shape] as number];
      expect(loud).toBe(1);
      if (scaled) expect(quiet).toBeLessThan(0.7);
      else expect(quiet).toBe(1);
    }
  });

  it("is as drawn when the loudness is not known", () => {
    expect(at(cues([0, "D"]), 0.5, 10, Number.NaN).D).toBe(1);
  });

  it("makes no jumps, even through tweens of 40 ms", () => {
    let before = at(LINE, -0.5, 1.6);
    for (let t = -0.499; t < 2; t += 0.001) {
      const now = at(LINE, t, 1.6);
      for (const s of "ABCDEFGHX")
        expect(Math.abs((now[s] as number) - (before[s] as number)), `${s} at ${t}`).toBeLessThan(0.09);
      before = now;
    }
  });

  it("rests before the first cue, after the last, and without any", () => {
    expect(at([], 0.3).X).toBe(1);
    expect(at(LINE, -1).X).toBe(1);
    expect(at(LINE, 9, 1.6).X).toBe(1);
    expect(at(cues([0, "D"]), 3, 1).X).toBe(1);
  });

  it("depends on nothing but its arguments", () => {
    const forwards: number[] = [];
    for (let i = 0; i < 200; i++) forwards.push(at(LINE, i / 100, 1.6).D as number);
    for (let i = 199; i >= 0; i--) expect(at(LINE, i / 100, 1.6).D).toBe(forwards[i]);
  });

  it("survives cues that lie too close together", () => {
    const mad = cues([0, "A"], [0.001, "D"], [0.002, "A"], [0.002, "F"], [0.01, "X"]);
    for (let t = -0.2; t < 0.3; t += 0.001) {
      const w = Object.values(at(mad, t, 0.02));
      expect(w.reduce((a, b) => a + b)).toBeCloseTo(1, 5);
    }
  });
});

describe("pauses", () => {
  it("are rests of the length asked for, not the gaps between words", () => {
    const list = cues([0, "D"], [0.3, "X"], [0.36, "B"], [0.6, "X"], [1, "D"]);
    expect(pausing(list, 1.3, 0.32, 0.18)).toBe(false);
    expect(pausing(list, 1.3, 0.65, 0.18)).toBe(true);
    expect(pausing(list, 1.3, 1.1, 0.18)).toBe(false);
    expect(pausing(list, 1.3, 1.28, 0.18)).toBe(true);
  });
});
