// A page with nothing but the face, driven by the tests: living (`?live`), or one pose at a time.

import { createFace, type FaceSettings, type Speech } from "../../frontend/src/face";
import { Drawing } from "../../frontend/src/face/drawn/screen";
import { Actor } from "../../frontend/src/face/motion/actor";
import { add, newPose, type Pose, sparse } from "../../frontend/src/face/motion/channels";
import { answers, feelings, postures } from "../../frontend/src/face/motion/expressions";
import { mix } from "../../frontend/src/face/motion/mix";
import { avatarFile, loadOwnAvatar } from "../../frontend/src/face/own";
import { sample, vrmSample } from "../../frontend/src/face/own/sample";
import { loadBuiltIn } from "../../frontend/src/face/three/builtin";
import { Stage } from "../../frontend/src/face/three/stage";
import { distance, tile } from "./compare";

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
Object.assign(page, { host, settings, problems, createFace, loadOwnAvatar, avatarFile, sample, vrmSample });

async function live(): Promise<void> {
  let speech: () => Speech | null = () => null;
  const began = performance.now();
  page.face = await createFace(
    host,
    () => speech(),
    settings,
    (p) => problems.push(p),
  );
  page.took = performance.now() - began;
  page.speak = (f: typeof speech) => {
    speech = f;
  };
}

/** What draws one pose, with single morphs (by the model's own names) set over it. */
type Draw = (pose: Pose, morphs: Record<string, number>) => HTMLCanvasElement;

async function model(): Promise<Draw> {
  const canvas = document.createElement("canvas");
  const stage = new Stage(canvas);
  const puppet = await loadBuiltIn(settings);
  await stage.add(puppet.root);
  // Close to the face: hair and clothes are not what is judged here.
  stage.frame(query.has("close") ? { ...puppet.frame, y: -0.025, height: 0.21, width: 0.21 } : puppet.frame);
  stage.theme(settings.theme);
  stage.resize(size, size, 2);
  const names = new Set<string>();
  type Morphed = { morphTargetDictionary?: Record<string, number>; morphTargetInfluences?: number[] };
  puppet.root.traverse((o) => {
    for (const name of Object.keys((o as Morphed).morphTargetDictionary ?? {})) names.add(name);
  });
  page.morphs = [...names];
  const set = new Set<string>();
  return (pose, morphs) => {
    puppet.pose(pose, 0);
    puppet.root.traverse((o) => {
      const { morphTargetDictionary, morphTargetInfluences } = o as Morphed;
      // What no channel drives was perhaps set for the last picture.
      for (const name of set) {
        const i = morphTargetDictionary?.[name];
        if (i !== undefined && morphTargetInfluences && !(name in puppet.weights())) morphTargetInfluences[i] = 0;
      }
      for (const [name, weight] of Object.entries(morphs)) {
        const i = morphTargetDictionary?.[name];
        if (i !== undefined && morphTargetInfluences) morphTargetInfluences[i] = weight;
      }
    });
    for (const name of Object.keys(morphs)) set.add(name);
    stage.render(true);
    return canvas;
  };
}

async function drawing(): Promise<Draw> {
  const screen = new Drawing(settings);
  await screen.settings(settings);
  screen.resize(size, size);
  return (pose) => {
    screen.draw(pose);
    return screen.canvas;
  };
}

/** A picture that is asked for: a name, channels, named recipes with strengths, morphs set directly. */
interface Shot {
  name: string;
  weights?: Record<string, number>;
  named?: [string, string, number][];
  morphs?: Record<string, number>;
}

async function posed(): Promise<void> {
  const draw = await (query.has("drawn") ? drawing() : model());
  const tables: Record<string, Record<string, ReturnType<typeof sparse>>> = { feelings, answers, postures };
  const shoot = ({ weights = {}, named = [], morphs = {} }: Shot): HTMLCanvasElement => {
    const pose = newPose();
    add(pose, sparse({ pupil: 1, vergence: 1.6 }), 1);
    for (const [table, name, strength] of named) {
      const recipe = tables[table]?.[name];
      if (!recipe) throw new Error(`${table} has no ${name}`);
      add(pose, recipe, strength);
    }
    add(pose, sparse(weights), 1);
    mix(pose);
    return draw(pose, morphs);
  };
  host.append(shoot({ name: "rest" }));
  /** Frames of a performance at these moments (seconds), at 60 a second in between. */
  page.film = (moments: number[], speech: (t: number) => Speech | null, prepare: (actor: Actor) => void) => {
    const actor = new Actor(1, 0);
    actor.settings(settings);
    prepare(actor);
    const frames: string[] = [];
    let now = 0;
    for (const moment of moments) {
      for (; now < moment; now += 1 / 60) actor.act(now, speech(now));
      frames.push(draw(actor.act(moment, speech(moment)), {}).toDataURL("image/png"));
      now = moment + 1 / 60;
    }
    return frames;
  };
  page.show = (weights: Record<string, number>, named?: [string, string, number][]) =>
    shoot({ name: "", weights, named: named ?? [] }).toDataURL("image/png");

  const taken = new Map<string, ImageData>();
  /** Takes all pictures and keeps them, small, by name. */
  page.take = (shots: Shot[], pixels: number) => {
    for (const shot of shots) taken.set(shot.name, tile(shoot(shot), pixels));
  };
  page.compare = (a: string, b: string) => distance(taken.get(a) as ImageData, taken.get(b) as ImageData);
  /** The pictures taken, side by side, as a PNG; and such a sheet read back under other names. */
  page.sheet = (names: string[], columns: number) => {
    const pixels = taken.get(names[0] as string)?.width as number;
    const canvas = document.createElement("canvas");
    canvas.width = columns * pixels;
    canvas.height = Math.ceil(names.length / columns) * pixels;
    const g = canvas.getContext("2d") as CanvasRenderingContext2D;
    names.forEach((name, i) => {
      g.putImageData(taken.get(name) as ImageData, (i % columns) * pixels, Math.floor(i / columns) * pixels);
    });
    return canvas.toDataURL("image/png");
  };
  page.readSheet = async (address: string, names: string[], columns: number, pixels: number) => {
    const image = new Image();
    image.src = address;
    await image.decode();
    const canvas = document.createElement("canvas");
    canvas.width = image.width;
    canvas.height = image.height;
    const g = canvas.getContext("2d") as CanvasRenderingContext2D;
    g.drawImage(image, 0, 0);
    names.forEach((name, i) => {
      taken.set(name, g.getImageData((i % columns) * pixels, Math.floor(i / columns) * pixels, pixels, pixels));
    });
  };
}

// No await at the top: a chunk that is loaded on demand and shares code with this one would wait for it, and it for that.
void (query.has("live") ? live() : posed()).then(() => {
  document.title = "ready";
});
