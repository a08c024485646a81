// A page with nothing but the face, driven by the tests: living (`?live`), or one pose at a time.

import { createFace, type FaceSettings, type Speech } from "../../frontend/src/face";
import { Drawing } from "../../frontend/src/face/drawn/screen";
import { newPose, sparse, add } from "../../frontend/src/face/motion/channels";
import { answers, feelings, postures } from "../../frontend/src/face/motion/expressions";
import { mix } from "../../frontend/src/face/motion/mix";
import type { Screen } from "../../frontend/src/face/screen";
import { createScreen } from "../../frontend/src/face/three/screen";

const query = new URLSearchParams(location.search);
const size = Number(query.get("size") ?? 512);
const settings: FaceSettings = {
  look: query.get("look") ?? "",
  avatar: query.get("avatar") ?? "/avatar/",
  colours: {},
  liveliness: Number(query.get("liveliness") ?? 0.7),
  reducedMotion: query.has("still"),
  theme: query.get("theme") === "dark" ? "dark" : "light",
  mouthOffsetMs: 0,
};
const host = document.getElementById("host") as HTMLElement;
host.style.width = host.style.height = `${size}px`;
const problems: string[] = [];
const page = globalThis as Record<string, unknown>;
Object.assign(page, { host, settings, problems });

async function live(): Promise<void> {
  let speech: () => Speech | null = () => null;
  const began = performance.now();
  page.face = await createFace(host, () => speech(), settings, (p) => problems.push(p));
  page.took = performance.now() - began;
  page.speak = (f: typeof speech) => {
    speech = f;
  };
}

async function posed(): Promise<void> {
  const screen: Screen = query.has("drawn") ? new Drawing(settings) : await createScreen(settings, () => {});
  host.append(screen.canvas);
  screen.resize(size, size);
  page.screen = screen;
  /** Draws `weights` (channels), over a named feeling, answer or state, and returns a PNG as a data URL. */
  page.show = (weights: Record<string, number>, named?: [string, string, number][], raw = false): string => {
    const pose = newPose();
    add(pose, sparse({ pupil: 1, vergence: 1.6 }), 1);
    const tables: Record<string, Record<string, ReturnType<typeof sparse>>> = { feelings, answers, postures };
    for (const [table, name, strength] of named ?? []) {
      const recipe = tables[table]?.[name];
      if (!recipe) throw new Error(`${table} has no ${name}`);
      add(pose, recipe, strength);
    }
    add(pose, sparse(weights), 1);
    if (!raw) mix(pose);
    screen.draw(pose, 0);
    return screen.canvas.toDataURL("image/png");
  };
}

await (query.has("live") ? live() : posed());
document.title = "ready";
