// The face in WebGL: one stage, one puppet at a time, and what happens when the graphics card lets go.

import type { FaceSettings } from "../contract";
import type { Pose } from "../motion/channels";
import { isOwn } from "../own";
import type { Screen } from "../screen";
import { loadBuiltIn } from "./builtin";
import type { Puppet } from "./puppet";
import { Quality } from "./quality";
import { Stage } from "./stage";

/** Seconds to wait for the browser to give the context back before drawing takes over. */
const PATIENCE = 6;

/** Throws when there is no WebGL; rejects when the model cannot be loaded. `lost` is called when WebGL stays away. */
export async function createScreen(settings: FaceSettings, lost: (why: string) => void): Promise<Screen> {
  const canvas = document.createElement("canvas");
  // Asked for first: it travels while the graphics card is being woken up, which may take a quarter of a second.
  const coming = load(settings);
  let stage: Stage;
  try {
    stage = open(canvas);
  } catch (error) {
    void coming.then(
      (puppet) => puppet.dispose(),
      () => {},
    );
    throw error;
  }
  try {
    const puppet = await coming;
    await stage.add(puppet.root);
    // A first rendering unseen: what it takes long for, nobody has to look at. The shadows follow a frame later:
    // their shaders take another while, and a face without them is a face.
    stage.render(false);
    return new Screen3D(canvas, stage, puppet, settings, lost);
  } catch (error) {
    stage.dispose();
    throw error;
  }
}

function open(canvas: HTMLCanvasElement): Stage {
  try {
    return new Stage(canvas);
  } catch {
    // What three.js says of it is for developers, and stands in the console.
    throw new Error("this browser has no 3D graphics (WebGL)");
  }
}

async function load(settings: FaceSettings): Promise<Puppet> {
  if (!isOwn(settings.look)) return loadBuiltIn(settings);
  return (await import("../own/build")).buildKept(settings.look);
}

export class Screen3D implements Screen {
  readonly kind = "3d";
  readonly canvas: HTMLCanvasElement;
  readonly #stage: Stage;
  #puppet: Puppet;
  #settings: FaceSettings;
  #quality = new Quality(globalThis.devicePixelRatio || 1);
  #size = { width: 1, height: 1 };
  #gone = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #loading = 0;
  /** Not from 0: the first picture that is seen does without shadows, and does not wait for theirs. */
  #frames = 1;
  readonly #lost: (why: string) => void;
  readonly #over = new AbortController();

  constructor(
    canvas: HTMLCanvasElement,
    stage: Stage,
    puppet: Puppet,
    settings: FaceSettings,
    lost: (why: string) => void,
  ) {
    this.canvas = canvas;
    this.#stage = stage;
    this.#settings = settings;
    this.#puppet = puppet;
    this.#lost = lost;
    stage.theme(settings.theme);
    stage.frame(puppet.frame);
    // three.js asks for the context back and rebuilds its own state; we only stop drawing meanwhile.
    // Not after disposing: that gives the context away, which is no failure of the card.
    const { signal } = this.#over;
    canvas.addEventListener(
      "webglcontextlost",
      () => {
        this.#gone = true;
        clearTimeout(this.#timer);
        this.#timer = setTimeout(lost, PATIENCE * 1000, "The graphics card stopped answering.");
      },
      { signal },
    );
    canvas.addEventListener(
      "webglcontextrestored",
      () => {
        clearTimeout(this.#timer);
        this.#gone = false;
      },
      { signal },
    );
  }

  draw(pose: Pose, dt: number): void {
    if (this.#gone) return;
    // Before drawing: another size empties the canvas.
    if (this.#quality.frame(dt)) this.resize(this.#size.width, this.#size.height);
    this.#puppet.pose(pose, dt);
    this.#stage.render(this.#frames++ % this.#quality.shadowEvery === 0);
    if (this.#quality.hopeless) {
      this.#gone = true;
      this.#lost("This device draws the 3D face too slowly.");
    }
  }

  async settings(settings: FaceSettings): Promise<void> {
    const before = this.#settings;
    this.#settings = settings;
    this.#stage.theme(settings.theme);
    if (settings.look === before.look) {
      this.#puppet.colour(settings);
      return;
    }
    const mine = ++this.#loading;
    const puppet = await load(settings);
    // Somebody may have chosen again while this one was on its way.
    if (mine === this.#loading) await this.#stage.add(puppet.root);
    if (mine === this.#loading) this.show(puppet);
    else puppet.dispose();
  }

  show(puppet: Puppet): void {
    this.#puppet.dispose();
    this.#puppet = puppet;
    this.#stage.frame(puppet.frame);
    puppet.colour(this.#settings);
  }

  resize(width: number, height: number): void {
    this.#size = { width, height };
    this.#stage.resize(width, height, this.#quality.ratio);
  }

  weights(): Record<string, number> {
    return this.#puppet.weights();
  }

  dispose(): void {
    this.#gone = true;
    this.#loading++;
    this.#over.abort();
    clearTimeout(this.#timer);
    this.#puppet.dispose();
    this.#stage.dispose();
  }
}
