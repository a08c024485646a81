import { describe, expect, it } from "vitest";
import { Onset } from "./onset";

const RATE = 24_000;
const BLOCK = 128;
const noise = (level: number, seed: number): Float32Array => {
  let state = seed;
  return Float32Array.from({ length: BLOCK }, () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return (state / 1_073_741_824 - 1) * level;
  });
};
const blocks = (seconds: number): number => Math.round((seconds * RATE) / BLOCK);

/** Seconds from the start at which a sound was told. */
function told(
  onset: Onset,
  seconds: number,
  heard: (t: number) => number,
  played = (_: number) => 0,
): number[] {
  const found: number[] = [];
  for (let n = 0; n < blocks(seconds); n++) {
    const t = (n * BLOCK) / RATE;
    if (onset.block(noise(heard(t), n + 1), noise(played(t), n + 7))) found.push(t);
  }
  return found;
}

describe("a sound that begins", () => {
  it("is told after a few blocks, once, and again after some quiet", () => {
    const found = told(new Onset(RATE), 4, (t) => ((t > 1 && t < 1.8) || t > 3 ? 0.1 : 0.002));
    expect(found).toHaveLength(2);
    expect((found[0] as number) - 1).toBeLessThan(0.03);
    expect((found[1] as number) - 3).toBeLessThan(0.03);
  });

  it("is no click, and not the noise of a room, however loud", () => {
    expect(told(new Onset(RATE), 3, (t) => (t > 1 && t < 1.006 ? 0.5 : 0.002))).toEqual([]);
    const onset = new Onset(RATE);
    told(onset, 20, () => 0.05);
    expect(told(onset, 10, () => 0.05)).toEqual([]);
  });

  it("is not the avatar's own echo, once its loudness is known; a person over it is", () => {
    const onset = new Onset(RATE);
    const speech = (t: number): number => (Math.sin(t * 20) > -0.3 ? 0.2 : 0.01);
    const echo = (t: number): number => speech(t - 0.05) * 0.1;
    told(onset, 2, echo, speech);
    expect(told(onset, 5, echo, speech)).toEqual([]);
    const cutIn = told(onset, 2, (t) => echo(t) + (t > 1 ? 0.15 : 0), speech);
    expect(cutIn).toHaveLength(1);
    expect((cutIn[0] as number) - 1).toBeLessThan(0.03);
  });
});
