import { beforeEach, describe, expect, it } from "vitest";
import type { Feeling, Line, Timing } from "../wire";
import type { SoundFrame } from "./frame";
import type { Output } from "./output";
import { Player } from "./player";
import { type Chunk, type Mark, SoundQueue } from "./queue";

/** An output whose device is moved by hand: the real queue, rendered ahead of what is heard. */
class Bench implements Output {
  onmarks: (marks: Mark[]) => void = () => {};
  readonly queue: SoundQueue;
  rendered = 0;

  constructor(
    readonly rate: number,
    private readonly latency = 0,
  ) {
    this.queue = new SoundQueue({ lead: 0.03 * rate, fade: 0, limit: 60 * rate });
  }

  heard(): number {
    return this.rendered - this.latency * this.rate;
  }

  push(chunk: Chunk): void {
    this.queue.push(chunk);
  }

  drop(generation: number): void {
    this.onmarks(this.queue.drop(generation, this.rendered));
  }

  run(seconds: number): void {
    for (const end = this.rendered + Math.round(seconds * this.rate); this.rendered < end; ) {
      const out = new Float32Array(Math.min(128, end - this.rendered));
      const marks = this.queue.read(out, this.rendered);
      this.rendered += out.length;
      this.onmarks(marks);
    }
  }
}

const line = (number: number, voice = "espeak", seconds = 1): Line => ({
  type: "line",
  seq: 0,
  turn: 1,
  line: number,
  text: `line ${number}`,
  emotion: "neutral",
  strength: 0,
  voice,
  seconds,
  spoken: "",
  opener: false,
});
const sound = (number: number, seconds: number, last = true): SoundFrame => ({
  seq: 0,
  turn: 1,
  line: number,
  chunk: 0,
  last,
  pcm: new Int16Array(Math.round(seconds * 24_000)).fill(8_000),
});
const timing = (
  since: number,
  cues: [number, string][],
  words: [number, number, string, number][] = [],
): Timing => ({
  type: "timing",
  seq: 0,
  turn: 1,
  line: 0,
  since,
  until: 1,
  cues,
  words,
});

let log: string[];
const events = {
  begin: (one: { line: number }) => log.push(`begin ${one.line}`),
  end: (one: { line: number }) => log.push(`end ${one.line}`),
  progress: () => {},
};

beforeEach(() => {
  log = [];
});

describe("Player", () => {
  it("tells where the sound is, less the latency of the device", () => {
    const bench = new Bench(24_000, 0.1);
    const player = new Player(bench, events);
    player.line(line(0));
    player.sound(sound(0, 1));
    bench.run(0.05);
    expect(player.speech()).toBeNull();
    expect(log).toEqual([]);
    bench.run(0.55);
    expect(log).toEqual(["begin 0"]);
    expect(player.speech()?.t).toBeCloseTo(0.5, 6);
    expect(player.speech(0.2)?.t).toBeCloseTo(0.3, 6);
    expect(player.position()).toEqual({ turn: 1, line: 0, ms: 500 });
    expect(player.speech()?.loudness).toBeGreaterThan(0.9);
    bench.run(0.6);
    expect(log).toEqual(["begin 0", "end 0"]);
    expect(player.speech()).toBeNull();
    expect(player.position()?.ms).toBeCloseTo(1000, 6);
    expect(player.busy).toBe(false);
  });

  it("does not count a starved network as time of the line", () => {
    const bench = new Bench(24_000);
    const player = new Player(bench, events);
    player.line(line(0));
    player.sound(sound(0, 0.5, false));
    bench.run(2);
    expect(player.speech()).toBeNull();
    expect(player.position()?.ms).toBeCloseTo(500, 6);
    expect(player.busy).toBe(true);
    player.sound(sound(0, 0.5));
    bench.run(0.25);
    expect(player.speech()?.t).toBeCloseTo(0.75, 6);
    expect(log).toEqual(["begin 0"]);
  });

  it("takes a better reading of a line that is heard, that will be, and of none that is known", () => {
    const bench = new Bench(24_000);
    const player = new Player(bench, events);
    for (const number of [0, 1]) {
      player.line(line(number));
      player.sound(sound(number, 1));
    }
    bench.run(0.5);
    const better = (number: number | null): Feeling => ({
      ...{ type: "feeling", seq: 0, turn: 1, line: number, emotion: "joy", strength: 0.7 },
    });
    expect(player.feeling(better(0))).toMatchObject({ line: 0, emotion: "joy", strength: 0.7 });
    expect(player.feeling(better(1))).toBeNull();
    expect(player.next).toMatchObject({ line: 0 });
    bench.run(1);
    expect(player.next).toMatchObject({ line: 1, emotion: "joy" });
    expect(player.feeling(better(7))).toBeNull();
    expect(player.feeling(better(null))).toBeNull();
  });

  it("says what was heard when it is silenced, and forgets the rest", () => {
    const bench = new Bench(24_000, 0.05);
    const player = new Player(bench, events);
    player.line(line(0));
    player.sound(sound(0, 0.4));
    player.line(line(1));
    player.sound(sound(1, 2));
    bench.run(0.75);
    const position = player.silence();
    expect(position).toMatchObject({ turn: 1, line: 1 });
    expect(position?.ms).toBeCloseTo(300, 6);
    bench.run(1);
    expect(player.speech()).toBeNull();
    expect(player.busy).toBe(false);
    player.sound(sound(1, 1));
    bench.run(0.5);
    expect(log).toEqual(["begin 0", "end 0", "begin 1"]);
  });

  it("keeps a caption without sound in its place among lines with sound", () => {
    const bench = new Bench(24_000);
    const player = new Player(bench, events);
    player.line(line(0));
    player.sound(sound(0, 0.5, false));
    player.line(line(1, "", 2));
    player.sound(sound(0, 0.5));
    player.line(line(2));
    player.sound(sound(2, 0.5));
    bench.run(1.5);
    expect(log).toEqual(["begin 0", "end 0", "begin 1"]);
    expect(player.speech()?.loudness).toBe(0);
    bench.run(1.6);
    expect(log.slice(3)).toEqual(["end 1", "begin 2"]);
  });

  it("ends lines that were left open when the turn is over", () => {
    const bench = new Bench(24_000);
    const player = new Player(bench, events);
    player.line(line(0));
    player.sound(sound(0, 0.5, false));
    player.line(line(1, "", 0.5));
    bench.run(1);
    expect(log).toEqual(["begin 0"]);
    player.finish(1);
    bench.run(1);
    expect(log).toEqual(["begin 0", "end 0", "begin 1", "end 1"]);
  });

  it("replaces cues from `since` on and appends words", () => {
    const bench = new Bench(24_000);
    const player = new Player(bench, events);
    player.line(line(0));
    player.timing(
      timing(
        0,
        [
          [0, "X"],
          [0.1, "B"],
          [0.3, "X"],
        ],
        [[0.1, 0.2, "one", 0]],
      ),
    );
    player.timing(
      timing(
        0.3,
        [
          [0.3, "D"],
          [0.5, "A"],
        ],
        [[0.3, 0.4, "two", 4]],
      ),
    );
    player.sound(sound(0, 1));
    bench.run(0.1);
    expect(
      player
        .speech()
        ?.cues.map((cue) => cue.shape)
        .join(""),
    ).toBe("XBDA");
    expect(player.now()?.line.words.map((word) => word.text)).toEqual(["one", "two"]);
  });

  it("keeps the time of the line at other rates of the device", () => {
    for (const rate of [4_000, 44_100, 48_000]) {
      const bench = new Bench(rate);
      const player = new Player(bench, events);
      player.line(line(0));
      for (let i = 0; i < 10; i++) player.sound(sound(0, 0.1, i === 9));
      bench.run(0.6);
      expect(player.speech()?.t).toBeCloseTo(0.6, 3);
      bench.run(0.5);
      expect((player.position()?.ms ?? 0) / 1000).toBeCloseTo(1, 2);
    }
  });
});
