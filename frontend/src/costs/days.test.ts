import { describe, expect, it } from "vitest";
import { columns, dollars } from "./days";

describe("columns", () => {
  it("stacks what was saved on what was spent", () => {
    const [at, whole, spent] = columns({
      days: ["2026-11-01", "2026-11-02"],
      spent: [1, 2],
      saved: [3, 0.5],
    });
    expect(at?.length).toBe(2);
    expect(Number(at?.[1]) - Number(at?.[0])).toBe(86_400);
    expect(whole).toEqual([4, 2.5]);
    expect(spent).toEqual([1, 2]);
  });

  it("takes no days at all", () => {
    expect(columns({ days: [], spent: [], saved: [] })).toEqual([[], [], []]);
  });
});

describe("dollars", () => {
  it.each([
    [0, "$0"],
    [1234.5, "$1,235"],
    [1.2, "$1.20"],
    [0.00015, "$0.00015"],
    [0.25, "$0.25"],
  ])("writes %d as %s", (value, text) => {
    expect(dollars(value)).toBe(text);
  });
});
