import { describe, expect, it } from "vitest";
import type { FromServer } from "../wire";
import { socketUrl } from "./config";
import { EMPTY, exchange, follow } from "./conversation";
import { length, lengthNote } from "./length";
import { mode } from "./mode";
import { check, defaults } from "./preferences";
import { cited } from "./sources";
import { current, starts, tokens } from "./words";

const latency = {
  knowledge: 1,
  first_token: 2,
  first_clause: 3,
  first_voice: 4,
  first_sound: 5,
  done: 6,
};
const cost = {
  answered_by: "offline",
  spoken_by: "espeak",
  prompt_tokens: 0,
  completion_tokens: 0,
  characters_spoken: 3,
  estimated: false,
  choice: "",
  nano: 0,
  saved: 0,
  ahead_ms: 0,
  dropped: 0,
  dropped_tokens: 0,
};
const source = (number: number) => ({ number, title: "t", heading: "h", source: "s", text: "x" });
const started = (turn: number, text = "q"): FromServer => ({
  type: "turn_started",
  seq: 0,
  turn,
  source: "typed",
  text,
  utterance: 0,
});
const delta = (turn: number, text: string): FromServer => ({ type: "text", seq: 0, turn, delta: text });
const ended = (turn: number): FromServer => ({
  type: "turn_ended",
  seq: 0,
  turn,
  why: "complete",
  latency,
  cost,
  sources: [source(1)],
});
const ready = (resumed: boolean) => ({ type: "ready", resumed }) as FromServer;
const fold = (...messages: FromServer[]) => messages.reduce(follow, EMPTY);

describe("conversation", () => {
  it("gathers a turn", () => {
    const one = exchange(fold(started(1), delta(1, "He"), delta(1, "llo"), ended(1)), 1);
    expect(one).toMatchObject({ asked: "q", answer: "Hello", state: "complete", latency, cost });
    expect(one?.sources).toHaveLength(1);
  });

  it("keeps what was heard of a turn that was cut, also when its end comes later", () => {
    const cut: FromServer = { type: "cancelled", seq: 0, turn: 1, heard: "Hel" };
    const talk = fold(started(1), delta(1, "Hello"), cut, ended(1));
    expect(exchange(talk, 1)).toMatchObject({ state: "cancelled", heard: "Hel" });
  });

  it("does not mix turns of a new session into those of an old one", () => {
    const talk = fold(
      ready(false),
      started(1, "old"),
      delta(1, "a"),
      ready(false),
      started(1, "new"),
      delta(1, "b"),
    );
    expect(talk.exchanges.map((one) => [one.asked, one.answer, one.state])).toEqual([
      ["old", "a", "failed"],
      ["new", "b", "answering"],
    ]);
    expect(new Set(talk.exchanges.map((one) => one.id)).size).toBe(2);
  });

  it("goes on after a resume, and keeps a bounded number", () => {
    expect(fold(started(1), ready(true), delta(1, "x")).exchanges[0]?.answer).toBe("x");
    expect(fold(...Array.from({ length: 150 }, (_, i) => started(i + 1))).exchanges).toHaveLength(100);
  });

  it("leaves exchanges that did not change the same objects", () => {
    const before = fold(started(1), ended(1), started(2));
    expect(follow(before, delta(2, "x")).exchanges[0]).toBe(before.exchanges[0]);
  });
});

describe("the spoken word", () => {
  const text = 'It costs $5, "really".';
  const line = tokens(text);

  it("is found in the text as it is written", () => {
    const words = [
      { start: 0.1, end: 0.2, text: "It", at: 0 },
      { start: 0.2, end: 0.5, text: "costs", at: 3 },
      { start: 0.5, end: 0.9, text: "five", at: -1 },
      { start: 1.3, end: 1.6, text: "really", at: 14 },
    ];
    const begins = starts(line, words, 1.6);
    expect(begins[0]).toBe(0.1);
    expect(begins[3]).toBe(1.3);
    // "five" stands nowhere: "$5," gets its share of the time between its neighbours.
    expect(begins[2]).toBeGreaterThan(0.2);
    expect(begins[2]).toBeLessThan(1.3);
    expect(current(begins, 0.05)).toBe(-1);
    expect(current(begins, 1.4)).toBe(3);
  });

  it("is guessed by length while no times are known", () => {
    const begins = starts(line, [], 2);
    expect(begins[0]).toBe(0);
    expect(begins).toEqual([...begins].sort((a, b) => a - b));
    expect(begins.at(-1)).toBeLessThan(2);
  });

  it("is counted in characters, not in halves of them", () => {
    const begins = starts(tokens("Well 🎉🎉 done now"), [{ start: 0.5, end: 0.9, text: "done", at: 8 }], 2);
    expect(begins[2]).toBe(0.5);
  });
});

describe("the length of a message", () => {
  it("is told when the limit is near, and when it is passed", () => {
    expect(lengthNote(3000, 4000)).toBe("");
    expect(lengthNote(3990, 4000)).toBe("10 characters left");
    expect(lengthNote(4000, 4000)).toBe("0 characters left");
    expect(lengthNote(4001, 4000)).toBe("1 character too long: a message has at most 4,000.");
  });

  it("counts as the server does", () => {
    expect(length("a🎉")).toBe(2);
  });
});

describe("preferences", () => {
  const base = defaults("en-US");

  it("come back as they were kept", () => {
    const mine = {
      ...base,
      language: "de-DE",
      colours: { hair: "#aabbcc" },
      mouthOffsetMs: 80,
      announce: false,
    };
    expect(check(JSON.parse(JSON.stringify(mine)), base)).toEqual(mine);
  });

  it.each([
    [null],
    ["text"],
    [
      {
        language: "<script>",
        theme: "pink",
        liveliness: "NaN",
        colours: { hair: "url(x)" },
        announce: "yes",
      },
    ],
    [{ colours: 5, voice: "a".repeat(500), captions: 3, look: "../secret" }],
  ])("ignore what makes no sense: %j", (raw) => {
    expect(check(raw, base)).toEqual(base);
  });

  it("keep numbers in their range", () => {
    expect(check({ liveliness: 7, mouthOffsetMs: -9999 }, base)).toMatchObject({
      liveliness: 1,
      mouthOffsetMs: -300,
    });
  });
});

describe("mode", () => {
  const calm = {
    connected: true,
    speaking: false,
    pending: false,
    attending: false,
    interrupted: false,
    puzzled: false,
  };

  it.each([
    [{}, "idle"],
    [{ pending: true }, "thinking"],
    [{ attending: true, pending: true }, "listening"],
    [{ speaking: true, attending: true }, "speaking"],
    [{ interrupted: true, pending: true }, "interrupted"],
    [{ connected: false }, "offline"],
    [{ connected: false, speaking: true }, "speaking"],
    [{ puzzled: true, attending: true }, "confused"],
    [{ puzzled: true, pending: true }, "thinking"],
    [{ puzzled: true, speaking: true }, "speaking"],
  ])("%j is %s", (now, expected) => {
    expect(mode({ ...calm, ...now })).toBe(expected);
  });
});

describe("small things", () => {
  it("finds the socket beside the page", () => {
    const config = { socket: "/ws", name: "", language: "", avatar: "" };
    const at = (href: string) => socketUrl(config, new URL(href) as unknown as Location);
    expect(at("https://a.example/talk?x=1")).toBe("wss://a.example/ws");
    expect(at("http://localhost:8000/")).toBe("ws://localhost:8000/ws");
  });

  it("knows which sources an answer names", () => {
    const all = [source(1), source(2), source(12)];
    expect(cited("It is so.", all)).toEqual({ text: "It is so.", sources: all });
    const where = all.map((one, i) => ({ ...one, source: "abc"[i] ?? "" }));
    const { text, sources } = cited("So it is [12]. Both [1, 12], not [7].", where);
    expect(text).toBe("So it is [1]. Both [2, 1], not.");
    expect(sources.map((one) => [one.number, one.source])).toEqual([
      [1, "c"],
      [2, "a"],
    ]);
    // While it is still being written, nobody knows the sources yet; the numbers are the same already.
    expect(cited("So it is [12]. Both [1", []).text).toBe("So it is [1]. Both [1");
  });
});
