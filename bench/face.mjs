// What the face costs on the main thread, without the rendering: node --expose-gc bench/face.mjs
//
// Prints ratios against the budget of 2 ms a frame and against a naive face of the kind that is usually written
// (a new object of weights each frame, every morph of every mesh looked up by name), measured in the same run.

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const root = join(import.meta.dirname, "..");
const require = createRequire(join(root, "frontend/package.json"));
const BUDGET_MS = 2;
const FRAMES = 20_000;
const FPS = 60;

async function bundle() {
  const dir = mkdtempSync(join(tmpdir(), "visavis-bench-"));
  const out = join(dir, "face.mjs");
  await require("esbuild").build({
    stdin: {
      contents: `
        export { Actor } from "./motion/actor";
        export { CHANNELS } from "./motion/channels";
        export { Rig } from "./three/rig";
        export { GLTFLoader } from "three/addons/loaders/GLTFLoader.js";
        export { MeshoptDecoder } from "three/addons/libs/meshopt_decoder.module.js";`,
      resolveDir: join(root, "frontend/src/face"),
      loader: "ts",
    },
    bundle: true,
    format: "esm",
    platform: "node",
    outfile: out,
    logLevel: "error",
  });
  try {
    return await import(pathToFileURL(out));
  } finally {
    rmSync(dir, { recursive: true });
  }
}

const { Actor, CHANNELS, Rig, GLTFLoader, MeshoptDecoder } = await bundle();
const avatars = join(root, "frontend/public/avatar");
const looks = JSON.parse(readFileSync(join(avatars, "looks.json"), "utf8"));
const bytes = readFileSync(join(avatars, looks.looks[0].file));
const { scene } = await new GLTFLoader()
  .setMeshoptDecoder(MeshoptDecoder)
  .parseAsync(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length), "");
const meshes = [];
scene.traverse((o) => o.morphTargetDictionary && meshes.push(o));

const cues = [..."XBCADEAFGHCBADBCEAX"].map((shape, i) => ({ start: i * 0.09, shape }));
const until = cues.length * 0.09;
// One object for all frames: the page's own allocations are not the face's.
const speech = { cues, until, t: 0, loudness: 0.6, emphasis: 0.2 };
const settings = { look: "", avatar: "", colours: {}, liveliness: 1, reducedMotion: false, theme: "light", mouthOffsetMs: 0 };

function ours() {
  const actor = new Actor(1, 0);
  actor.settings(settings);
  actor.life.become("speaking");
  actor.life.feel("joy", 0.7);
  const rig = new Rig(scene, undefined, looks.correctives);
  return (i) => {
    const now = i / FPS;
    speech.t = now % (until + 1);
    rig.apply(actor.act(now, speech.t < until ? speech : null));
  };
}

// The least that any face must do: put as many numbers where the meshes read them.
function floor() {
  const slots = meshes.flatMap((m) => m.morphTargetInfluences.map((_, i) => [m.morphTargetInfluences, i]));
  return (i) => {
    for (let k = 0; k < slots.length; k++) slots[k][0][slots[k][1]] = (i + k) % 2;
  };
}

function naive() {
  let shown = {};
  return (i) => {
    const t = (i / FPS) % (until + 1);
    const cue = cues.filter((c) => c.start <= t).at(-1);
    const target = Object.fromEntries(CHANNELS.map((c, k) => [c, 0.1 + 0.1 * Math.sin(t * (1 + k * 0.1))]));
    target[`viseme_${cue?.shape}`] = 1;
    const next = {};
    for (const k of new Set([...Object.keys(shown), ...Object.keys(target)])) {
      next[k] = (shown[k] ?? 0) + ((target[k] ?? 0) - (shown[k] ?? 0)) * 0.2;
    }
    shown = next;
    for (const mesh of meshes) {
      mesh.morphTargetInfluences.fill(0);
      for (const [name, value] of Object.entries(shown)) {
        const index = mesh.morphTargetDictionary[name];
        if (index !== undefined) mesh.morphTargetInfluences[index] = value;
      }
    }
  };
}

const EVERY = 25;

function measure(make) {
  const frame = make();
  for (let i = 0; i < 4000; i++) frame(i);
  const times = new Float64Array(FRAMES);
  for (let i = 0; i < FRAMES; i++) {
    const began = performance.now();
    frame(4000 + i);
    times[i] = performance.now() - began;
  }
  // Apart from the timing, which makes garbage of its own. A collection in between shows as a fall, and is left out.
  let gained = 0;
  let counted = 0;
  globalThis.gc?.();
  let last = process.memoryUsage().heapUsed;
  for (let i = 0; i < FRAMES; i++) {
    frame(4000 + FRAMES + i);
    if (i % EVERY !== EVERY - 1) continue;
    const now = process.memoryUsage().heapUsed;
    if (now >= last) {
      gained += now - last;
      counted += EVERY;
    }
    last = now;
  }
  times.sort();
  const mean = times.reduce((x, y) => x + y) / FRAMES;
  return { mean, p99: times[Math.floor(FRAMES * 0.99)], bytes: gained / counted };
}

const results = { "this face": measure(ours), "naive face": measure(naive), floor: measure(floor) };
const us = (ms) => (ms * 1000).toFixed(1);
const face = results["this face"];
const rows = Object.entries(results).map(
  ([name, r]) =>
    `| ${name} | ${us(r.mean)} | ${us(r.p99)} | ${((100 * r.mean) / BUDGET_MS).toFixed(2)} % | ${(r.mean / face.mean).toFixed(2)} x | ${r.bytes.toFixed(0)} |`,
);
const morphs = meshes.reduce((n, m) => n + m.morphTargetInfluences.length, 0);
console.log(`## The face

\`python -m bench face\`. Main thread per frame while it speaks and feels, without the rendering: ${FRAMES} frames at ${FPS} a
second, ${meshes.length} meshes with ${morphs} morphs. Naive is a new object of weights each frame and every morph looked up by name; the floor
only puts as many numbers where the meshes read them. Garbage is what the heap gained per frame, the measuring included.

| | mean, us | p99, us | of the 2 ms budget | against this face | garbage, bytes |
| --- | --- | --- | --- | --- | --- |
${rows.join("\n")}`);
