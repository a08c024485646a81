import { describe, expect, it } from "vitest";
import { Quality } from "./quality";

function run(quality: Quality, fps: number, seconds: number): void {
  for (let t = 0; t < seconds; t += 1 / fps) quality.frame(1 / fps);
}

describe("quality", () => {
  it("starts at the screen's ratio and never exceeds it", () => {
    const q = new Quality(1.5);
    expect(q.ratio).toBe(1.5);
    run(q, 60, 60);
    expect(q.ratio).toBe(1.5);
  });

  it("steps down while frames are late, to a floor", () => {
    const q = new Quality(2);
    run(q, 20, 3.5);
    expect(q.ratio).toBeLessThan(1.3);
    run(q, 20, 20);
    expect(q.ratio).toBe(0.5);
    expect(q.hopeless).toBe(false);
  });

  it("comes back when there is room, each time more patiently", () => {
    const q = new Quality(1);
    run(q, 20, 1.2);
    expect(q.ratio).toBeLessThan(1);
    const waits: number[] = [];
    for (let round = 0; round < 3; round++) {
      let waited = 0;
      while (q.ratio < 1 && waited < 100) {
        run(q, 60, 1);
        waited++;
      }
      waits.push(waited);
      while (q.ratio === 1) run(q, 20, 1);
    }
    expect(waits[1]).toBeGreaterThan(waits[0] as number);
    expect(waits[2]).toBeGreaterThan(waits[1] as number);
    expect(waits[2]).toBeLessThan(100);
  });

  it("gives up only after long slowness at the fewest pixels", () => {
    const q = new Quality(1);
    run(q, 3, 8);
    expect(q.hopeless).toBe(false);
    run(q, 3, 12);
    expect(q.hopeless).toBe(true);
  });

  it("does not mind a machine that slept, or one long frame", () => {
    const q = new Quality(1);
    q.frame(30);
    q.frame(1.4);
    run(q, 60, 2);
    expect(q.ratio).toBe(1);
  });
});
