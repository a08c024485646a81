// What shows a pose: WebGL or a drawing. The loop in index.ts knows nothing more of either.

import type { FaceSettings } from "./contract";
import type { Pose } from "./motion/channels";

export interface Screen {
  readonly kind: "3d" | "2d";
  readonly canvas: HTMLCanvasElement;
  /** Shows `pose`; `dt` seconds since the last time. */
  draw(pose: Pose, dt: number): void;
  /** May load a model; when that fails it rejects and the old one stays. */
  settings(settings: FaceSettings): Promise<void>;
  resize(width: number, height: number): void;
  /** The weights applied last, by name. */
  weights(): Record<string, number>;
  dispose(): void;
}
