import { describe, expect, it } from "vitest";
import { heard, type Readings } from "./clock";
import { floats, unpack } from "./frame";
import { Loudness } from "./loudness";
import { Resampler } from "./resample";
import { SilentOutput } from "./silent-output";
import { Timeline } from "./timeline";

describe("unpack", () => {
  const frame = (version: number, kind: number, flags: number, pcm: number[]): ArrayBuffer => {
    const view = new DataView(new ArrayBuffer(16 + 2 * pcm.length));
    view.setUint8(0, version);
    view.setUint8(1, kind);
    view.setUint8(2, flags);
    view.setUint32(4, 70_000, true);
    view.setUint32(8, 3, true);
    view.setUint16(12, 2, true);
    view.setUint16(14, 9, true);
    pcm.forEach((sample, i) => {
      view.setInt16(16 + 2 * i, sample, true);
    });
    return view.buffer;
  };

  it("reads the header and the samples", () => {
    const one = unpack(frame(1, 1, 1, [0, 16_384, -32_768]));
    expect(one).toMatchObject({ seq: 70_000, turn: 3, line: 2, chunk: 9, last: true });
    expect([...floats((one as { pcm: Int16Array }).pcm)]).toEqual([0, 0.5, -1]);
  });

  it("refuses what it does not know", () => {
    expect(unpack(new ArrayBuffer(4))).toBeNull();
    expect(unpack(frame(2, 1, 0, []))).toBeNull();
    expect(unpack(frame(1, 2, 0, []))).toBeNull();
    expect(unpack(frame(1, 1, 0, [1]).slice(0, 17))).toBeNull();
  });
});

describe("heard", () => {
  const readings: Readings = {
    currentTime: 10,
    baseLatency: 0.01,
    outputLatency: 0.2,
    stamp: { contextTime: 9.79, performanceTime: 5_000 },
    now: 5_020,
  };

  it("follows the output's time stamp", () => {
    expect(heard(readings)).toBeCloseTo(9.81, 9);
  });

  it("falls back to the latencies when the stamp is missing or absurd", () => {
    expect(heard({ ...readings, stamp: null })).toBeCloseTo(9.8, 9);
    expect(heard({ ...readings, stamp: { contextTime: 0, performanceTime: 0 } })).toBeCloseTo(9.8, 9);
    expect(heard({ ...readings, stamp: { contextTime: 9.79, performanceTime: 5 } })).toBeCloseTo(9.8, 9);
    expect(heard({ ...readings, stamp: null, outputLatency: 0 })).toBeCloseTo(9.99, 9);
  });

  it("never hears what has not been rendered", () => {
    expect(heard({ ...readings, now: 5_600 })).toBe(10);
  });
});

describe("Timeline", () => {
  it("forgets nothing at a seam and knows silence", () => {
    const timeline = new Timeline();
    timeline.mark({ kind: "begin", generation: 0, frame: 10, line: 1, offset: 0 });
    timeline.mark({ kind: "end", generation: 0, frame: 20, line: 1 });
    timeline.mark({ kind: "begin", generation: 0, frame: 20, line: 2, offset: 0 });
    timeline.mark({ kind: "stop", generation: 0, frame: 30, starved: true });
    timeline.mark({ kind: "begin", generation: 0, frame: 50, line: 2, offset: 10 });
    expect(timeline.at(9)).toBeNull();
    expect(timeline.at(19)).toEqual({ line: 1, offset: 9 });
    expect(timeline.at(20)).toEqual({ line: 2, offset: 0 });
    expect(timeline.at(40)).toBeNull();
    expect(timeline.reached(40)).toEqual({ line: 2, offset: 10 });
    expect(timeline.at(55)).toEqual({ line: 2, offset: 15 });
  });
});

describe("Loudness", () => {
  it("is silent, loud, and stands out where a syllable does", () => {
    const loudness = new Loudness(24_000);
    loudness.add(new Float32Array(24_000 * 0.5));
    loudness.add(new Float32Array(24_000 * 0.2).map((_, i) => Math.sin(i / 10) * 0.5));
    loudness.add(new Float32Array(24_000 * 0.5));
    expect(loudness.at(0.3)).toBe(0);
    expect(loudness.at(0.6)).toBe(1);
    expect(loudness.emphasis(0.6)).toBeGreaterThan(0.8);
    expect(loudness.emphasis(0.2)).toBe(0);
    expect(loudness.at(9)).toBe(0);
  });
});

describe("Resampler", () => {
  it.each([44_100, 48_000, 16_000])("keeps a tone, its level and its length at %i Hz", (rate) => {
    const resampler = new Resampler(24_000, rate);
    const tone = new Float32Array(24_000).map((_, i) => Math.sin((2 * Math.PI * 440 * i) / 24_000));
    const pieces: number[] = [];
    for (let at = 0; at < tone.length; at += 1_111) {
      const piece = tone.slice(at, at + 1_111);
      pieces.push(...resampler.feed(piece, at + 1_111 >= tone.length));
    }
    expect(Math.abs(pieces.length - rate)).toBeLessThanOrEqual(1);
    let worst = 0;
    for (let i = 100; i < rate - 100; i++) {
      worst = Math.max(worst, Math.abs((pieces[i] as number) - Math.sin((2 * Math.PI * 440 * i) / rate)));
    }
    expect(worst).toBeLessThan(0.01);
  });
});

describe("SilentOutput", () => {
  it("lets captions pass in their time without a speaker", () => {
    let now = 1_000;
    const output = new SilentOutput(() => now);
    const marks: [string, number][] = [];
    output.onmarks = (some) => marks.push(...some.map((mark): [string, number] => [mark.kind, mark.frame]));
    output.push({ generation: 0, line: 1, samples: new Float32Array(output.rate), last: true });
    now = 1_500;
    output.render();
    now = 2_500;
    output.render();
    expect(marks).toEqual([
      ["begin", 4_000],
      ["end", 8_000],
      ["stop", 8_000],
    ]);
  });
});
