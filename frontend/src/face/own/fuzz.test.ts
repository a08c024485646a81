// Fuzzes the loader of a person's own avatar; briefly here, for longer by `python -m tests.fuzz avatar --inputs N`.
// Whatever is in the file, the only thing thrown is a sentence for the person, and what is built is a puppet that moves.

import { expect, it, vi } from "vitest";
import { build } from "./build";
import { AvatarProblem } from "./problem";
import { png, sample, vrmSample } from "./sample";

type Json = Record<string, unknown>;

const environment = (globalThis as { process?: { env: Record<string, string | undefined> } }).process?.env;
const INPUTS = Number(environment?.FUZZ_INPUTS ?? 300);
const SEED = Number(environment?.FUZZ_SEED ?? 1);

/** mulberry32: small, and the same everywhere. */
function chance(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const ODD: readonly unknown[] = [
  ...[null, true, -1, 0, 1, 3, 7, 255, 65_535, 2 ** 31, 2 ** 53, 1e308, -0.5, Number.NaN],
  ...["", "Head", "SCALAR", "VEC3", "MAT4", "__proto__", "https://example.org/x.png", "data:,", "\u202e<b>"],
  ...[[], {}, [0], [[]], [1e9, 1e9], { 0: 0 }, { POSITION: 0 }, { bufferView: 0 }],
];
const KEYS = [
  "mesh",
  "skin",
  "children",
  "matrix",
  "scale",
  "rotation",
  "sparse",
  "byteStride",
  "extensions",
  "targets",
];

/** Changes a leaf or a branch somewhere in `json`. */
function spoil(json: unknown, random: () => number): void {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  let at = json as Json;
  for (let depth = 0; depth < 12; depth++) {
    const keys = Object.keys(at);
    if (keys.length === 0) return;
    const key = pick(keys);
    const inner = at[key];
    if (typeof inner === "object" && inner !== null && random() < 0.85) {
      at = inner as Json;
      continue;
    }
    const way = random();
    if (way < 0.6) at[key] = structuredClone(pick(ODD));
    else if (way < 0.75) delete at[key];
    else if (way < 0.9) at[pick(KEYS)] = structuredClone(pick(ODD));
    else at[key] = structuredClone(at[pick(keys)]);
    return;
  }
}

function bytesChanged(file: ArrayBuffer, random: () => number): ArrayBuffer {
  const bytes = new Uint8Array(file.slice(0));
  for (let i = 0; i < 1 + random() * 8; i++) {
    bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256);
  }
  return random() < 0.3 ? bytes.slice(0, Math.floor(random() * bytes.length)).buffer : bytes.buffer;
}

function input(random: () => number): ArrayBuffer {
  const times = 1 + Math.floor(random() * 3);
  const change = (json: Json): void => {
    for (let i = 0; i < times; i++) spoil(json, random);
  };
  const kind = random();
  const spoilt = random() < 0.75;
  const morphs = ["jawOpen", "mouthSmileLeft", "viseme_aa"];
  const file =
    kind < 0.5
      ? sample({ morphs, images: random() < 0.2 ? [png(64, 64)] : [], ...(spoilt && { spoil: change }) })
      : vrmSample(kind < 0.75 ? "0.x" : "1.0", spoilt ? change : undefined);
  return spoilt && random() < 0.8 ? file : bytesChanged(file, random);
}

it("takes any file or says what is wrong with it", { timeout: 7_200_000 }, async () => {
  for (const method of ["error", "warn", "log"] as const)
    vi.spyOn(console, method).mockImplementation(() => {});
  const random = chance(SEED);
  let built = 0;
  for (let number = 0; number < INPUTS; number++) {
    const file = input(random);
    try {
      const { puppet, report } = await build(file);
      expect(report.triangles).toBeGreaterThanOrEqual(0);
      puppet.dispose();
      built++;
    } catch (error) {
      expect(error, `input ${number} of seed ${SEED}`).toBeInstanceOf(AvatarProblem);
      expect((error as Error).message.length).toBeLessThan(400);
    }
  }
  // Else the inputs are too broken to reach what builds.
  expect(built).toBeGreaterThan(INPUTS / 50);
  expect(built).toBeLessThan(INPUTS);
  if (INPUTS > 1_000)
    console.info(`avatar: ${INPUTS} inputs, ${built} built, ${INPUTS - built} refused in a sentence`);
});
