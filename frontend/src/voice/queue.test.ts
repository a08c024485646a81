import { describe, expect, it } from "vitest";
import { type Chunk, type Mark, SoundQueue } from "./queue";

const options = { lead: 4, fade: 4, limit: 100 };
const chunk = (line: number, samples: number[], last = false, generation = 0): Chunk => ({
  generation,
  line,
  samples: Float32Array.from(samples),
  last,
});

/** Reads `count` samples in quanta of 3, an awkward number. */
function play(queue: SoundQueue, count: number, from = 0): { sound: number[]; marks: Mark[] } {
  const sound: number[] = [];
  const marks: Mark[] = [];
  while (sound.length < count) {
    const out = new Float32Array(Math.min(3, count - sound.length));
    marks.push(...queue.read(out, from + sound.length));
    sound.push(...out);
  }
  return { sound, marks };
}

describe("SoundQueue", () => {
  it("joins lines without a gap and marks where each begins and ends", () => {
    const queue = new SoundQueue(options);
    queue.push(chunk(1, [1, 2, 3]));
    queue.push(chunk(1, [4, 5], true));
    queue.push(chunk(2, [6, 7], true));
    const { sound, marks } = play(queue, 8, 100);
    expect(sound.slice(0, 7)).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(marks).toEqual([
      { kind: "begin", generation: 0, frame: 100, line: 1, offset: 0 },
      { kind: "end", generation: 0, frame: 105, line: 1 },
      { kind: "begin", generation: 0, frame: 105, line: 2, offset: 0 },
      { kind: "end", generation: 0, frame: 107, line: 2 },
      { kind: "stop", generation: 0, frame: 107, starved: false },
    ]);
  });

  it("waits for its lead, but not when nothing more will come", () => {
    const queue = new SoundQueue(options);
    queue.push(chunk(1, [1, 2, 3]));
    expect(play(queue, 3).sound).toEqual([0, 0, 0]);
    queue.push(chunk(1, [4]));
    expect(play(queue, 3, 3).sound).toEqual([1, 2, 3]);

    const short = new SoundQueue(options);
    short.push(chunk(1, [9], true));
    expect(play(short, 1).sound).toEqual([9]);
  });

  it("goes on where a starved line stopped, with a larger cushion and no click", () => {
    const queue = new SoundQueue(options);
    queue.push(chunk(1, [1, 1, 1, 1]));
    const dry = play(queue, 6);
    expect(dry.marks.at(-1)).toEqual({ kind: "stop", generation: 0, frame: 4, starved: true });
    expect(dry.sound[4]).toBeGreaterThan(0.9);
    expect(dry.sound[5]).toBeLessThan(dry.sound[4] as number);
    queue.push(chunk(1, [2, 2, 2, 2, 2, 2]));
    expect(play(queue, 3, 6).marks).toEqual([]);
    queue.push(chunk(1, [2, 2]));
    expect(play(queue, 3, 9).marks).toEqual([{ kind: "begin", generation: 0, frame: 9, line: 1, offset: 4 }]);
  });

  it("fades what is cut off and lets nothing of it be heard again", () => {
    const queue = new SoundQueue(options);
    queue.push(chunk(1, Array(50).fill(1)));
    play(queue, 6);
    expect(queue.drop(1, 6)).toEqual([{ kind: "stop", generation: 0, frame: 6, starved: false }]);
    expect(play(queue, 6, 6).sound).toEqual([0.75, 0.5, 0.25, 0, 0, 0]);
    expect(queue.push(chunk(1, [1, 1, 1, 1, 1]))).toBe(false);
    expect(queue.held).toBe(0);
    expect(queue.push(chunk(2, [0.5], true, 1))).toBe(true);
    expect(play(queue, 1, 12).sound).toEqual([0.5]);
  });

  it("is silent at once when it is cut before anything sounded", () => {
    const queue = new SoundQueue(options);
    queue.push(chunk(1, [1, 1]));
    expect(queue.drop(1, 0)).toEqual([]);
    expect(play(queue, 4).sound).toEqual([0, 0, 0, 0]);
  });

  it("begins and ends a line that has no sound at all", () => {
    const queue = new SoundQueue(options);
    queue.push(chunk(1, [], true));
    queue.push(chunk(2, [3], true));
    const { sound, marks } = play(queue, 2);
    expect(sound[0]).toBe(3);
    expect(marks.map((mark) => [mark.kind, mark.frame])).toEqual([
      ["begin", 0],
      ["end", 0],
      ["begin", 0],
      ["end", 1],
      ["stop", 1],
    ]);
  });

  it("ends a line whose last chunk never came when the next one begins", () => {
    const queue = new SoundQueue(options);
    queue.push(chunk(1, [1, 1, 1, 1]));
    queue.push(chunk(2, [2], true));
    expect(play(queue, 5).marks.slice(1, 3)).toEqual([
      { kind: "end", generation: 0, frame: 4, line: 1 },
      { kind: "begin", generation: 0, frame: 4, line: 2, offset: 0 },
    ]);
  });

  it("refuses more than it may hold", () => {
    const queue = new SoundQueue(options);
    expect(queue.push(chunk(1, Array(100).fill(0)))).toBe(true);
    expect(queue.push(chunk(1, [1]))).toBe(false);
  });
});
