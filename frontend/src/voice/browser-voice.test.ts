import { describe, expect, it } from "vitest";
import { BrowserVoice, type Synthesis } from "./browser-voice";
import { Spoken } from "./script";

const voice = (lang: string, localService = true): SpeechSynthesisVoice => ({
  lang,
  localService,
  default: false,
  name: lang,
  voiceURI: lang,
});

/** A browser whose voice takes `slow` times as long as a caption, at rate 1. */
class Bench implements Synthesis {
  readonly said: SpeechSynthesisUtterance[] = [];
  cancelled = 0;
  now = 0;

  constructor(
    private readonly voices: SpeechSynthesisVoice[],
    private readonly slow = 1,
  ) {}

  getVoices(): SpeechSynthesisVoice[] {
    return this.voices;
  }

  speak(utterance: SpeechSynthesisUtterance): void {
    this.said.push(utterance);
  }

  cancel(): void {
    this.cancelled++;
  }

  /** The last one is said to its end; returns how many seconds it took. */
  finish(seconds: number): number {
    const utterance = this.said.at(-1) as SpeechSynthesisUtterance;
    const took = (seconds * this.slow) / utterance.rate;
    utterance.onstart?.(null as never);
    this.now += took * 1000;
    utterance.onend?.(null as never);
    return took;
  }
}

const open = (bench: Bench): BrowserVoice =>
  new BrowserVoice(
    bench,
    (text) => ({ text, rate: 1 }) as SpeechSynthesisUtterance,
    () => bench.now,
  );
const line = (text: string, seconds = 2, spoken = ""): Spoken =>
  new Spoken(
    1,
    {
      type: "line",
      seq: 0,
      turn: 1,
      line: 0,
      text,
      emotion: "neutral",
      strength: 0,
      voice: "",
      seconds,
      spoken,
      opener: false,
    },
    24_000,
  );

describe("BrowserVoice", () => {
  it("takes a voice of the device in the person's language, the region's own first", () => {
    const bench = new Bench([voice("de-DE"), voice("en-GB"), voice("en_US"), voice("fr-FR", false)]);
    const own = open(bench);
    expect(own.say(line("Hello."), "en-US")).toBe(true);
    expect(own.say(line("Hello."), "en-AU")).toBe(true);
    expect(bench.said.map((one) => one.voice?.lang)).toEqual(["en_US", "en-GB"]);
    expect(own.say(line("Bonjour."), "fr-FR"), "a voice elsewhere would send the words there").toBe(false);
    expect(own.say(line("Hola."), "es-ES")).toBe(false);
    expect(new BrowserVoice(null).say(line("Hello."), "en-US")).toBe(false);
  });

  it("says the spoken form of what is shown, where there is one", () => {
    const bench = new Bench([voice("en-US")]);
    const own = open(bench);
    own.say(line("See https://example.org/a_b.", 2, "See."), "en-US");
    own.say(line("Hello."), "en-US");
    expect(bench.said.map((one) => one.text)).toEqual(["See.", "Hello."]);
  });

  it("comes to keep the pace of the captions", () => {
    for (const slow of [0.8, 1.4]) {
      const bench = new Bench([voice("en-US")], slow);
      const own = open(bench);
      const took: number[] = [];
      for (let n = 0; n < 8; n++) {
        own.say(line("Some words."), "en-US");
        took.push(bench.finish(2));
      }
      expect(Math.abs((took[0] as number) - 2)).toBeGreaterThan(0.3);
      expect(Math.abs((took.at(-1) as number) - 2)).toBeLessThan(0.1);
    }
  });

  it("never hurries beyond what can be understood", () => {
    const bench = new Bench([voice("en-US")], 10);
    const own = open(bench);
    for (let n = 0; n < 20; n++) {
      own.say(line("Some words."), "en-US");
      bench.finish(2);
    }
    expect(bench.said.at(-1)?.rate).toBeLessThanOrEqual(1.6);
  });

  it("falls silent at once, and learns nothing from a line that was cut", () => {
    const bench = new Bench([voice("en-US")]);
    const own = open(bench);
    own.stop();
    expect(bench.cancelled, "nothing was said yet").toBe(0);
    own.say(line("Some words."), "en-US");
    own.stop();
    expect(bench.cancelled).toBe(1);
    bench.finish(20);
    own.say(line("Some more."), "en-US");
    expect(bench.said.at(-1)?.rate).toBe(1);
  });
});
