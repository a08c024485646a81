import { describe, expect, it } from "vitest";
import { CALM, type Effect, type Event, type State, step } from "./bargein";
import { pack, Stretches } from "./stretches";

function run(events: Event[], from: State = CALM): { state: State; effects: Effect[] } {
  let state = from;
  const effects: Effect[] = [];
  for (const event of events) {
    const next = step(state, event);
    state = next.state;
    effects.push(...next.effects);
  }
  return { state, effects };
}

const voice = (sounds: boolean, now: number, speaking = true): Event => ({
  type: "voice",
  sounds,
  speaking,
  now,
});
const words = (
  count: number,
  now: number,
  more: Partial<{ murmur: boolean; settled: boolean }> = {},
): Event => ({
  type: "words",
  count,
  murmur: false,
  settled: false,
  speaking: true,
  now,
  ...more,
});
const tick = (now: number, speaking = true): Event => ({ type: "tick", speaking, now });
const quieter: Effect = { do: "duck", on: true };
const back: Effect = { do: "duck", on: false };

describe("cutting in", () => {
  it("makes the avatar quieter in the very step in which a voice sounds, and words stop it", () => {
    expect(run([voice(true, 0)]).effects).toEqual([quieter]);
    expect(run([voice(true, 0), words(1, 200), words(2, 400)]).effects).toEqual([
      quieter,
      { do: "cut" },
      back,
    ]);
    expect(run([voice(true, 0), words(1, 200, { settled: true })]).effects).toContainEqual({ do: "cut" });
  });

  it("brings it back after a false alarm, but not while the voice goes on", () => {
    expect(run([voice(true, 0), tick(3_000)]).effects).toEqual([quieter]);
    expect(run([voice(true, 0), voice(false, 300), tick(1_100)]).effects).toEqual([quieter]);
    expect(run([voice(true, 0), voice(false, 300), tick(1_250)]).effects).toEqual([quieter, back]);
  });

  it("is quieter before anybody knows whether it is a voice, and only for a moment where it is none", () => {
    const sound: Event = { type: "sound", speaking: true, now: 0 };
    expect(run([sound, tick(200)]).effects).toEqual([quieter]);
    expect(run([sound, tick(260)]).effects).toEqual([quieter, back]);
    expect(run([sound, voice(true, 40), tick(260)]).effects).toEqual([quieter]);
    expect(run([sound, voice(true, 40), voice(false, 300), tick(1_000)]).effects).toEqual([quieter]);
    expect(run([{ type: "sound", speaking: false, now: 0 }]).effects).toEqual([]);
  });

  it("takes a murmur as one", () => {
    const murmur = [
      voice(true, 0),
      words(0, 200, { murmur: true }),
      words(0, 500, { murmur: true, settled: true }),
    ];
    expect(run(murmur).effects).toEqual([quieter, back]);
  });

  it("leaves silence alone", () => {
    expect(run([voice(true, 0, false), tick(50, false)]).effects).toEqual([]);
    const over = run([voice(true, 0), tick(100, false)]);
    expect(over.effects).toEqual([quieter, back]);
  });
});

describe("stretches of speech", () => {
  const frames = (cutter: Stretches, ...chances: number[]) =>
    chances.flatMap((chance, n) => cutter.frame(Float32Array.of(n), chance));
  const many = (count: number, chance: number): number[] => Array.from({ length: count }, () => chance);

  it("tells a voice with its first frame, and sends it with what came before", () => {
    const cutter = new Stretches();
    expect(frames(cutter, ...many(30, 0.1))).toEqual([]);
    expect(frames(cutter, 0.9)).toEqual([{ do: "voice", sounds: true }]);
    const [sent] = frames(cutter, 0.9, 0.9);
    expect(sent).toMatchObject({ do: "send", stretch: 1, last: false });
    expect(sent?.do === "send" && sent.frames.length).toBe(13);
  });

  it("bridges short gaps, and ends after longer ones", () => {
    const cutter = new Stretches();
    frames(cutter, ...many(5, 0.9));
    expect(frames(cutter, ...many(11, 0.1), 0.9).some((cut) => cut.do === "send" && cut.last)).toBe(false);
    const end = frames(cutter, ...many(12, 0.1));
    expect(end.at(-2)).toMatchObject({ do: "send", stretch: 1, last: true });
    expect(end.at(-1)).toEqual({ do: "voice", sounds: false });
    expect(frames(cutter, ...many(3, 0.9)).at(-1)).toMatchObject({ stretch: 2 });
  });

  it("sends nothing for a click, and closes what is open", () => {
    const cutter = new Stretches();
    const click = frames(cutter, 0.9, ...many(14, 0.1));
    expect(click.map((cut) => cut.do)).toEqual(["voice", "voice"]);
    frames(cutter, ...many(4, 0.9));
    expect(cutter.close()).toMatchObject([
      { do: "send", last: true },
      { do: "voice", sounds: false },
    ]);
    expect(cutter.close()).toEqual([]);
  });

  it("packs sound as the server reads it", () => {
    const view = new DataView(pack(7, 3, [Float32Array.of(0, 1, -2)], true));
    expect([view.getUint8(0), view.getUint8(1), view.getUint8(2)]).toEqual([1, 2, 1]);
    expect([view.getUint32(8, true), view.getUint16(14, true)]).toEqual([7, 3]);
    expect([16, 18, 20].map((at) => view.getInt16(at, true))).toEqual([0, 32_767, -32_767]);
  });
});
