// The face without WebGL: the same pose, drawn flat on a 2D canvas.

import type { FaceSettings } from "../contract";
import type { Pose } from "../motion/channels";
import { isOwn } from "../own";
import type { Screen } from "../screen";
import { fetchLooks, pick } from "../three/looks";
import { features, newFeatures } from "./features";
import { paint } from "./paint";
import { type Inks, inks, PLAIN, type Style } from "./style";

const BACKDROP = {
  light: "radial-gradient(circle at 50% 42%, #f7f2ea 0%, #e9dfd2 60%, #d8cabb 100%)",
  dark: "radial-gradient(circle at 50% 42%, #3a3f4c 0%, #262a35 60%, #191c24 100%)",
};
/** Units of the drawing that must fit: from over the hair to the chest. */
const HEIGHT = 3.7;
const WIDTH = 2.5;

export class Drawing implements Screen {
  readonly kind = "2d";
  readonly canvas = document.createElement("canvas");
  readonly #g: CanvasRenderingContext2D | null;
  readonly #features = newFeatures();
  #inks: Inks;
  #style: Style = PLAIN;

  /** Wears the colours that were chosen; what the look adds to them, `settings` fetches. */
  constructor(settings: FaceSettings) {
    this.#g = this.canvas.getContext("2d");
    this.#inks = inks(settings.colours);
    this.canvas.style.background = BACKDROP[settings.theme];
  }

  async settings(settings: FaceSettings): Promise<void> {
    this.canvas.style.background = BACKDROP[settings.theme];
    // Nobody has drawn a person's own model.
    const looks = isOwn(settings.look) ? null : await fetchLooks(settings.avatar).catch(() => null);
    const look = looks && pick(looks, settings.look);
    this.#style = { ...PLAIN, ...look?.drawn };
    this.#inks = inks({ ...look?.colours, ...settings.colours });
  }

  resize(width: number, height: number): void {
    const ratio = Math.min(2, globalThis.devicePixelRatio || 1);
    this.canvas.width = Math.round(width * ratio);
    this.canvas.height = Math.round(height * ratio);
  }

  draw(pose: Pose): void {
    const g = this.#g;
    if (!g) return;
    const { width, height } = this.canvas;
    const scale = Math.min(height / HEIGHT, width / WIDTH);
    g.setTransform(1, 0, 0, 1, 0, 0);
    g.clearRect(0, 0, width, height);
    g.setTransform(scale, 0, 0, scale, width / 2, height - 1.85 * scale);
    paint(g, pose, features(pose, this.#features), this.#inks, this.#style);
  }

  weights(): Record<string, number> {
    return { ...this.#features };
  }

  dispose(): void {
    this.canvas.width = 0;
  }
}
