import { describe, expect, it } from "vitest";
import { begin, type Effect, type Event, type State, step } from "./session";
import type { SoundFrame } from "./voice/frame";
import type { FromServer, Ready } from "./wire";

const wishes = { language: "en-US", voice: "", sound: true };
const ready = (resumed: boolean, token = "t", seq = 1): Ready => ({
  type: "ready",
  seq,
  protocol: 1,
  name: "Visavis",
  resume: token,
  resumed,
  engines: { mind: "", voice: "", knowledge: "", feeling: "", ears: "" },
  limits: { text_chars: 10, frame_bytes: 1, ahead_seconds: 6, resume_seconds: 60 },
});
const started = (seq: number, turn: number): FromServer => ({
  type: "turn_started",
  seq,
  turn,
  source: "typed",
  text: "x",
  utterance: 0,
});
const text = (seq: number, turn: number): FromServer => ({ type: "text", seq, turn, delta: "x" });
const frame = (seq: number, turn: number): SoundFrame => ({
  seq,
  turn,
  line: 0,
  chunk: 0,
  last: false,
  pcm: new Int16Array(0),
});
const got = (message: FromServer): Event => ({ type: "message", message });

function run(events: Event[], from: State = begin(wishes)): { state: State; effects: Effect[] } {
  let state = from;
  const effects: Effect[] = [];
  for (const event of events) {
    const next = step(state, event);
    state = next.state;
    effects.push(...next.effects);
  }
  return { state, effects };
}

const open = run([{ type: "start" }, { type: "opened" }, got(ready(false))]).state;

describe("the session", () => {
  it("says hello and greets only once", () => {
    const { state, effects } = run([{ type: "start" }, { type: "opened" }]);
    expect(effects).toEqual([
      { do: "connect" },
      { do: "send", message: { type: "hello", protocol: 1, resume: null, ...wishes, greet: true } },
    ]);
    const back = run(
      [got(ready(false)), { type: "closed", random: 0 }, { type: "retry" }, { type: "opened" }],
      state,
    );
    expect(back.effects.at(-1)).toMatchObject({
      message: { type: "hello", resume: { token: "t", seq: 1 }, greet: false },
    });
  });

  it("waits longer after each failure, never beyond the longest, and starts over once it is through", () => {
    let state = open;
    const waits: number[] = [];
    for (let i = 0; i < 9; i++) {
      const lost = step(state, { type: "closed", random: 1 });
      waits.push((lost.effects[0] as { ms: number }).ms);
      state = step(lost.state, { type: "retry" }).state;
    }
    expect(waits.slice(0, 4)).toEqual([250, 500, 1000, 2000]);
    expect(Math.max(...waits)).toBe(15_000);
    expect(step(open, { type: "closed", random: 0 }).effects).toEqual([{ do: "wait", ms: 125 }]);
    expect(step(state, got(ready(true))).state.tries).toBe(0);
  });

  it("drops what it has already, by number", () => {
    const { state, effects } = run(
      [got(started(2, 1)), got(text(3, 1)), got(text(3, 1)), got(text(2, 1))],
      open,
    );
    expect(effects).toHaveLength(2);
    expect(state.seq).toBe(3);
    expect(run([{ type: "frame", frame: frame(3, 1) }], state).effects).toEqual([]);
    expect(run([{ type: "frame", frame: frame(4, 1) }], state).effects).toHaveLength(1);
  });

  it("lets nothing of a turn through that was cut, except how it ended", () => {
    const talking = run([got(started(2, 1))], open).state;
    const { state, effects } = run([{ type: "cut", line: 2, ms: 340 }], talking);
    expect(effects).toEqual([
      { do: "send", message: { type: "interrupt", turn: 1, line: 2, played_ms: 340 } },
    ]);
    expect(run([got(text(3, 1)), { type: "frame", frame: frame(4, 1) }], state).effects).toEqual([]);
    expect(run([got({ type: "cancelled", seq: 5, turn: 1, heard: "so" })], state).effects).toHaveLength(1);
    expect(run([{ type: "cut", line: 2, ms: 340 }], state).effects).toEqual([]);
    expect(run([got(started(6, 2)), got(text(7, 2)), got(text(8, 1))], state).effects).toHaveLength(2);
  });

  it("tells a cut that happened without a connection once the session is back", () => {
    const talking = run([got(started(2, 1)), { type: "closed", random: 0 }], open).state;
    const cut = run([{ type: "cut", line: 1, ms: 50 }], talking);
    expect(cut.effects).toEqual([]);
    const back = run([{ type: "retry" }, { type: "opened" }, got(ready(true))], cut.state);
    expect(back.effects.at(-1)).toEqual({
      do: "send",
      message: { type: "interrupt", turn: 1, line: 1, played_ms: 50 },
    });
    expect(run([got(ready(false))], cut.state).effects).toHaveLength(1);
  });

  it("keeps what was typed without a connection, the last few, and sends it", () => {
    const lost = run([{ type: "closed", random: 0 }], open).state;
    const typed = run(
      ["a", "b", "c", "d", "e"].map((one): Event => ({ type: "say", text: one })),
      lost,
    );
    expect(typed.effects).toEqual([]);
    const back = run([{ type: "retry" }, { type: "opened" }, got(ready(true))], typed.state);
    const sent = back.effects.flatMap((one) =>
      one.do === "send" && one.message.type === "typed" ? [one.message.text] : [],
    );
    expect(sent).toEqual(["b", "c", "d", "e"]);
    expect(back.state.unsent).toEqual([]);
  });

  it("starts counting afresh when the session could not be resumed", () => {
    const far = run([got(started(20, 7))], open).state;
    const cut = run([{ type: "cut", line: 0, ms: 0 }, got(ready(false, "u", 1))], far);
    expect(cut.state).toMatchObject({ token: "u", seq: 1, turn: 0, cut: 0 });
    expect(run([got(started(2, 1)), got(text(3, 1))], cut.state).effects).toHaveLength(2);
  });

  it("keeps counting when it was resumed, whatever number `ready` carries", () => {
    const far = run([got(started(20, 7)), got(ready(true, "t", 40))], open).state;
    expect(run([got(text(21, 7))], far).effects).toHaveLength(1);
  });

  it("pings, and hangs up on a socket that is silent for a whole beat", () => {
    const beat: Event = { type: "beat", now: 5 };
    const first = run([beat], open);
    expect(first.effects).toMatchObject([{ do: "send", message: { type: "ping", t: 5, seq: 1 } }]);
    expect(run([beat], first.state).effects).toEqual([{ do: "hangUp" }]);
    const pong = got({ type: "pong", seq: 0, t: 5 });
    expect(run([pong, beat], first.state).effects).toHaveLength(1);
  });

  it("does not come back to a server that refuses it, unless the person asks", () => {
    const fatal = got({ type: "error", seq: 2, code: "protocol", text: "", retryable: false, fatal: true });
    const { state } = run([fatal, { type: "closed", random: 0 }], open);
    expect(state.link).toBe("refused");
    expect(run([{ type: "retry" }], state).effects).toEqual([{ do: "connect" }]);
  });

  it("acknowledges with every report of the playback, and cuts text to what the server takes", () => {
    const { effects } = run(
      [
        got(started(9, 1)),
        { type: "played", turn: 1, line: 0, ms: 5 },
        { type: "say", text: " 123456789 123 " },
      ],
      open,
    );
    expect(effects.slice(1)).toEqual([
      { do: "send", message: { type: "playback", turn: 1, line: 0, played_ms: 5, seq: 9 } },
      { do: "send", message: { type: "typed", text: "123456789 " } },
    ]);
  });

  it("makes the connection again when a wish changes, and tells it in hello", () => {
    const changed = run([{ type: "wish", wishes: { ...wishes, language: "de-DE" } }], open);
    expect(changed.effects).toEqual([{ do: "hangUp" }]);
    const back = run([{ type: "closed", random: 0 }, { type: "retry" }, { type: "opened" }], changed.state);
    expect(back.effects.at(-1)).toMatchObject({ message: { language: "de-DE", resume: { token: "t" } } });
  });
});
