// The face without WebGL: the same pose, drawn flat on a 2D canvas.

import type { FaceSettings } from "../contract";
import type { Pose } from "../motion/channels";
import type { Screen } from "../screen";
import { features, newFeatures } from "./features";
import { type Inks, paint } from "./paint";

const BACKDROP = {
  light: "radial-gradient(circle at 50% 42%, #f7f2ea 0%, #e9dfd2 60%, #d8cabb 100%)",
  dark: "radial-gradient(circle at 50% 42%, #3a3f4c 0%, #262a35 60%, #191c24 100%)",
};
/** Units of the drawing that must fit: from over the hair to the chest. */
const HEIGHT = 3.3;
const WIDTH = 2.5;

export class Drawing implements Screen {
  readonly kind = "2d";
  readonly canvas = document.createElement("canvas");
  readonly #g: CanvasRenderingContext2D | null;
  readonly #features = newFeatures();
  #inks: Inks;

  constructor(settings: FaceSettings) {
    this.#g = this.canvas.getContext("2d");
    this.#inks = inks(settings);
    this.canvas.style.background = BACKDROP[settings.theme];
  }

  async settings(settings: FaceSettings): Promise<void> {
    this.#inks = inks(settings);
    this.canvas.style.background = BACKDROP[settings.theme];
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
    paint(g, pose, features(pose, this.#features), this.#inks);
  }

  weights(): Record<string, number> {
    return { ...this.#features };
  }

  dispose(): void {
    this.canvas.width = 0;
  }
}

function inks({ colours: c }: FaceSettings): Inks {
  const skin = c.skin ?? "#e9b594";
  const hair = c.hair ?? "#3f261b";
  const clothes = c.clothes ?? "#47789a";
  // The browser mixes the shades, so any CSS colour will do.
  const toward = (colour: string, other: string, share: number) =>
    `color-mix(in oklab, ${colour} ${100 - share}%, ${other} ${share}%)`;
  return {
    skin,
    shade: toward(skin, "#7a2e1c", 28),
    blush: toward(skin, "#ff4d4d", 38),
    hair,
    gloss: toward(hair, "white", 22),
    brows: toward(c.brows ?? hair, "black", 25),
    eyes: c.eyes ?? "#6b4423",
    clothes,
    fold: toward(clothes, "black", 18),
    lip: toward(skin, "#8e2430", 58),
  };
}
