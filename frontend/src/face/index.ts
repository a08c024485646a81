// The face of the page: chooses how to draw, runs the frames, and keeps both apart from the motion.

import type { CreateFace, Emotion, Face, FaceSettings, Mode, Speech } from "./contract";
import { Drawing } from "./drawn/screen";
import { Actor } from "./motion/actor";
import { isOwn } from "./own";
import type { Screen } from "./screen";

export type * from "./contract";

/** What the tests and the curious may look at: `host.visavis()`. */
export interface Probe {
  readonly kind: "3d" | "2d";
  /** Seconds of the line for which the weights were computed; NaN in silence. */
  readonly t: number;
  readonly frames: number;
  readonly weights: Record<string, number>;
}
export interface ProbedHost extends HTMLElement {
  visavis?: () => Probe;
}

/** Frames from one picture of a stand-in to the next. */
const STAND_IN_EVERY = 4;

export const createFace: CreateFace = async (host, speech, settings, report) => {
  const face = new LiveFace(host, speech, settings, report);
  await face.begin();
  return face;
};

class LiveFace implements Face {
  #host: ProbedHost;
  #speech: () => Speech | null;
  #settings: FaceSettings;
  #report: (problem: string) => void;
  #actor: Actor;
  #screen: Screen | undefined;
  #request = 0;
  #last = 0;
  #frames = 0;
  #disposed = false;
  /** A drawing stands in until the model is there. */
  #waiting = false;
  /** The 3D screen failed, and a drawing is on its way or there. */
  #givenUp = false;
  #seen = true;
  #watch: IntersectionObserver;

  constructor(
    host: ProbedHost,
    speech: () => Speech | null,
    settings: FaceSettings,
    report: (p: string) => void,
  ) {
    this.#host = host;
    this.#speech = speech;
    this.#settings = settings;
    this.#report = report;
    this.#actor = new Actor(Math.floor(Math.random() * 2 ** 32), performance.now() / 1000);
    this.#actor.settings(settings);
    document.addEventListener("visibilitychange", this.#wake);
    this.#watch = new IntersectionObserver((entries) => {
      this.#seen = entries.at(-1)?.isIntersecting ?? true;
      this.#wake();
    });
    this.#watch.observe(host);
    host.visavis = () => ({
      kind: this.kind,
      t: this.#actor.t,
      frames: this.#frames,
      weights: this.#screen?.weights() ?? {},
    });
  }

  get kind(): "3d" | "2d" {
    return this.#screen?.kind ?? "2d";
  }

  async begin(): Promise<void> {
    if (this.#settings.look !== "drawn") void this.#standIn();
    await this.#change();
  }

  /** A drawing in the look's colours, for where the model and its shaders take longer than a moment. */
  async #standIn(): Promise<void> {
    const drawing = await this.#drawing();
    if (this.#screen) drawing.dispose();
    else {
      this.#show(drawing);
      this.#waiting = true;
      drawing.canvas.animate([{ opacity: 0 }, { opacity: 1 }], {
        duration: 250,
        delay: 250,
        fill: "backwards",
      });
    }
  }

  async #drawing(): Promise<Drawing> {
    const drawing = new Drawing(this.#settings);
    await drawing.settings(this.#settings);
    return drawing;
  }

  async #choose(): Promise<Screen> {
    if (this.#settings.look === "drawn") return this.#drawing();
    const { createScreen } = await import("./three/screen");
    const create = (settings: FaceSettings) => createScreen(settings, (why) => void this.#fallBack(why));
    try {
      return await create(this.#settings);
    } catch (error) {
      if (!isOwn(this.#settings.look)) {
        this.#tell(`The 3D face cannot be shown: ${reason(error)}.`);
        return this.#drawing();
      }
      this.#report(reason(error));
      this.#settings = { ...this.#settings, look: "" };
      return this.#choose();
    }
  }

  #tell(problem: string): void {
    this.#report(`${problem} A drawn one speaks instead.`);
  }

  async #fallBack(problem: string): Promise<void> {
    // One reason is enough: whatever else befalls a screen that is given up says nothing new.
    if (this.#disposed || this.#givenUp) return;
    this.#givenUp = true;
    this.#tell(problem);
    this.#show(await this.#drawing());
  }

  #show(screen: Screen): void {
    if (this.#disposed) {
      screen.dispose();
      return;
    }
    const old = this.#screen;
    this.#screen = screen;
    this.#waiting = false;
    const { canvas } = screen;
    canvas.setAttribute("aria-hidden", "true");
    Object.assign(canvas.style, { display: "block", width: "100%", height: "100%" });
    if (old) old.canvas.replaceWith(canvas);
    else this.#host.append(canvas);
    old?.dispose();
    this.resize();
    this.#wake();
  }

  #wake = (): void => {
    if (this.#disposed || document.hidden || !this.#seen) {
      cancelAnimationFrame(this.#request);
      this.#request = 0;
    } else if (!this.#request && this.#screen) {
      this.#last = performance.now() / 1000;
      this.#request = requestAnimationFrame(this.#frame);
    }
  };

  #frame = (): void => {
    this.#request = requestAnimationFrame(this.#frame);
    // Not the frame's own time stamp: the speech is asked for now, and both must mean the same moment.
    const now = performance.now() / 1000;
    const pose = this.#actor.act(now, this.#speech());
    this.#frames++;
    // While the model and its shaders are being made ready, the drawing leaves them most of the processor.
    if (this.#waiting && this.#frames % STAND_IN_EVERY !== 1) return;
    this.#screen?.draw(pose, now - this.#last);
    this.#last = now;
  };

  mode(mode: Mode): void {
    this.#actor.life.become(mode);
    // Away is said with the light as well, for those who do not look closely.
    this.#host.style.transition = "filter 1s";
    this.#host.style.filter = mode === "offline" ? "grayscale(0.65) brightness(0.82)" : "";
  }

  feel(emotion: Emotion, strength: number): void {
    this.#actor.life.feel(emotion, strength);
  }

  clauseEnd(): void {
    this.#actor.life.clauseEnd();
  }

  phraseEnd(): void {
    this.#actor.life.phraseEnd();
  }

  settings(settings: FaceSettings): void {
    const before = this.#settings;
    this.#settings = settings;
    this.#actor.settings(settings);
    // Choosing a look is also how to ask for 3D again after a drawing had to stand in.
    const is3d = this.kind === "3d";
    const drawn = settings.look === "drawn";
    if (settings.look !== before.look && is3d === drawn) void this.#change();
    else {
      this.#screen?.settings(settings).catch((error: unknown) => {
        this.#report(`That look cannot be loaded (${reason(error)}). The one before stays.`);
      });
    }
  }

  #changes = 0;
  async #change(): Promise<void> {
    const mine = ++this.#changes;
    this.#givenUp = false;
    const screen = await this.#choose();
    if (mine === this.#changes) this.#show(screen);
    else screen.dispose();
  }

  resize(): void {
    const { clientWidth, clientHeight } = this.#host;
    if (clientWidth === 0 || clientHeight === 0) return;
    this.#screen?.resize(clientWidth, clientHeight);
    // Another size empties the canvas; the next frame may be late.
    this.#screen?.draw(this.#actor.pose, 0);
  }

  dispose(): void {
    this.#disposed = true;
    cancelAnimationFrame(this.#request);
    document.removeEventListener("visibilitychange", this.#wake);
    this.#watch.disconnect();
    this.#screen?.canvas.remove();
    this.#screen?.dispose();
    this.#screen = undefined;
    delete this.#host.visavis;
    this.#host.style.filter = "";
    this.#host.style.transition = "";
  }
}

const reason = (error: unknown): string => (error instanceof Error ? error.message : String(error));
