import { describe, expect, it } from "vitest";
import { isBackchannel } from "./backchannel";
import { Echo, without } from "./echo";
import { DEAF, type Effect, type Event, type State, step } from "./listening";

function run(events: Event[], from: State = DEAF): { state: State; effects: Effect[] } {
  let state = from;
  const effects: Effect[] = [];
  for (const event of events) {
    const next = step(state, event);
    state = next.state;
    effects.push(...next.effects);
  }
  return { state, effects };
}

const heard = (...pieces: [string, boolean][]): Event => ({
  type: "heard",
  pieces: pieces.map(([text, final]) => ({ text, final })),
});
const words = (effects: Effect[]): [string, boolean][] =>
  effects.flatMap((one): [string, boolean][] => (one.do === "words" ? [[one.text, one.final]] : []));
const free: Event = { type: "want", want: "free" };
const held: Event = { type: "want", want: "held" };
const off: Event = { type: "want", want: "off" };
const started: Event = { type: "started" };
const ended: Event = { type: "ended" };

describe("listening", () => {
  it("tells words while they change and when they are final, with rising revisions", () => {
    const { effects } = run([
      free,
      started,
      heard(["what is", false]),
      heard(["what is this", true], [" and", false]),
    ]);
    expect(words(effects)).toEqual([
      ["what is", false],
      ["what is this and", false],
    ]);
    expect(effects.flatMap((one) => (one.do === "words" ? [one.revision] : []))).toEqual([1, 2]);
  });

  it("starts again after silence, and keeps the words it had", () => {
    const { state, effects } = run([free, started, heard(["half a sent", false]), ended]);
    expect(effects.at(-2)).toMatchObject({ text: "half a sent", final: false, settled: true });
    expect(effects.at(-1)).toEqual({ do: "wait", ms: 150 });
    expect(state.settled).toBe("half a sent");
    expect(run([{ type: "again" }], state).effects).toEqual([{ do: "start" }]);
  });

  it("keeps an utterance together until it is done, and until nothing of it changes any more", () => {
    const some = run([free, started, heard(["one", true]), heard([" two", false])]);
    expect(words(some.effects).at(-1)).toEqual(["one two", false]);
    const done = run([{ type: "done" }, heard([" two", true]), heard([" three", false])], some.state);
    expect(done.effects.flatMap((one) => (one.do === "words" ? [[one.utterance, one.text]] : []))).toEqual([
      [1, "one two"],
      [2, "three"],
    ]);
  });

  it("waits longer when it ends again and again without a word", () => {
    let state = run([free]).state;
    const waits: number[] = [];
    for (let i = 0; i < 8; i++) {
      const next = run([started, { type: "error", code: "no-speech" }, ended, { type: "again" }], state);
      waits.push(...next.effects.flatMap((one) => (one.do === "wait" ? [one.ms] : [])));
      state = next.state;
    }
    expect(waits.slice(0, 3)).toEqual([150, 300, 600]);
    expect(Math.max(...waits)).toBe(5_000);
  });

  it("makes one message of everything said while held", () => {
    const { state, effects } = run([held, started, heard(["one two", true]), heard(["three", false]), ended]);
    expect(words(effects)).toEqual([
      ["one two", false],
      ["one two three", false],
    ]);
    const rest = run(
      [{ type: "again" }, started, heard(["four", false]), off, heard(["four five", true]), ended],
      state,
    );
    expect(words(rest.effects).at(-1)).toEqual(["one two three four five", true]);
    expect(words(rest.effects).filter(([, final]) => final)).toHaveLength(1);
    expect(rest.state).toMatchObject({ engine: "off", settled: "", interim: "", utterance: 2 });
  });

  it("survives stopping before it has started, and starting before it has stopped", () => {
    const early = run([free, off]);
    expect(early.effects).toEqual([{ do: "start" }]);
    expect(run([started], early.state).effects).toEqual([{ do: "stop" }]);
    const again = run([started, free], early.state);
    expect(again.effects).toEqual([{ do: "stop" }]);
    expect(run([ended, { type: "again" }], again.state).effects.at(-1)).toEqual({ do: "start" });
  });

  it("gives up at once where it is not allowed, and does not start again", () => {
    const { state, effects } = run([free, { type: "error", code: "not-allowed" }, ended]);
    expect(effects.slice(1)).toEqual([{ do: "problem", code: "not-allowed" }]);
    expect(state).toMatchObject({ want: "off", engine: "off" });
  });

  it("is patient with a network that worked before, not with one that never did", () => {
    const network: Event = { type: "error", code: "network" };
    expect(run([free, started, network]).effects.at(-1)).toEqual({ do: "problem", code: "network" });
    const worked = run([free, started, heard(["yes", true]), network, ended, { type: "again" }, started]);
    expect(worked.effects.some((one) => one.do === "problem")).toBe(false);
    expect(run([network, ended, network], worked.state).effects.at(-1)).toEqual({
      do: "problem",
      code: "network",
    });
  });
});

describe("the echo", () => {
  const spoken = "hello im visavis ask me anything about your documents".split(" ");

  it("takes out what the avatar said itself", () => {
    expect(without("hello I'm visavis ask me anything", spoken)).toBe("");
    expect(without("hello im visavi ask me anything about your document", spoken)).toBe("");
    expect(without("me anything", spoken)).toBe("");
  });

  it("keeps what a person adds, and what is theirs alone", () => {
    expect(without("ask me anything about stop what is the price", spoken)).toBe("stop what is the price");
    expect(without("what does it cost", spoken)).toBe("what does it cost");
    expect(without("tell me about prices", spoken)).toBe("tell me about prices");
  });

  it("takes what was misheard between its own words for echo, and what comes behind them for a person", () => {
    const told =
      "hello i am your guide i tell you about the garden behind the house the river and the old bridge";
    const misheard = "let your i tell you about the gotten on how the remote and the old bridge";
    expect(without(misheard, told.split(" "))).toBe("");
    expect(without(`${misheard} stop that`, told.split(" "))).toBe("stop that");
    expect(without(`${misheard} us`, told.split(" "))).toBe("");
    expect(without(`${misheard} stop`, told.split(" "))).toBe("stop");
    expect(without("i tell you about the price of that", told.split(" "))).toBe("price of that");
  });

  it("listens for its own words until two seconds after they were played", () => {
    const echo = new Echo();
    echo.begins("Ask me anything.");
    expect(echo.strip("ask me anything", 1_000)).toBe("");
    echo.quiet(5_000);
    expect(echo.strip("ask me anything", 6_500)).toBe("");
    expect(echo.strip("ask me anything", 7_100)).toBe("ask me anything");
  });
});

describe("a listener's murmur", () => {
  it.each([
    "mm-hm",
    "Mhm.",
    "uh-huh",
    "yeah, okay",
    "I see",
    "aha",
    "ja genau",
  ])("%s asks to go on", (text) => {
    expect(isBackchannel(text)).toBe(true);
  });

  it.each(["stop", "no", "wait", "yeah but why", "what", "hm what is that"])("%s does not", (text) => {
    expect(isBackchannel(text)).toBe(false);
  });
});
