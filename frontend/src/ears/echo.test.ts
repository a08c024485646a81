import { describe, expect, it } from "vitest";
import { without } from "./echo";
import cases from "./echoes.json";
import { likeness, sounds, soundsLike } from "./sounding";

const split = (text: string): string[] =>
  text
    .toLowerCase()
    .replace(/[^\p{L}\p{N} ]/gu, "")
    .split(" ");
const lines = [...new Set(cases.map((one) => one.spoken))];
/** What was spoken when a line is heard: the one before it as well. */
const spoken = (line: string): string[] => {
  const at = lines.indexOf(line);
  return split([...lines.slice(Math.max(0, at - 1), at), line].join(" "));
};
const echoes = cases.filter((one) => one.echo);
const people = cases.filter((one) => !one.echo);

describe("an echo that was misheard", () => {
  it("is mostly still one, and a person hardly ever taken for one", () => {
    const missed = echoes.filter((one) => without(one.heard, spoken(one.spoken)) !== "");
    const lost = people.filter((one) => without(one.heard, spoken(one.spoken)) === "");
    // Things said of every length: what was heard of one line, while another one sounds.
    const others = echoes.flatMap((one) =>
      lines
        .filter((line) => !spoken(line).join(" ").includes(split(one.spoken).join(" ")))
        .map((line) => ({ ...one, line })),
    );
    const taken = others.filter((one) => without(one.heard, spoken(one.line)) === "");
    console.log(
      `${echoes.length} misheard echoes: ${missed.length} pass; ${people.length} interruptions: ${lost.length} are lost; ` +
        `${others.length} other things said: ${taken.length} are lost`,
    );
    expect(missed.length / echoes.length).toBeLessThan(0.45);
    expect(lost).toEqual([]);
    expect(taken.length / others.length).toBeLessThan(0.02);
  });

  it.each([
    ["bottles that sounds so", "the mouth follows the sound so", "bodle"],
    ["phone", "foam", "car"],
    ["knight", "night", "morning"],
  ])("%s sounds more like %s than like %s", (heard, close, far) => {
    const of = (text: string): number => likeness(sounds(heard), sounds(text));
    expect(of(close)).toBeGreaterThan(of(far));
    expect(of(heard)).toBe(1);
  });

  it("needs more than a word or two", () => {
    expect(soundsLike("stop it", "stop it")).toBe(false);
    expect(likeness("", "123")).toBe(0);
  });
});
