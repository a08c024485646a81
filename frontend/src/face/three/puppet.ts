// A model on the stage that a pose can move: the built-in avatars here, the person's own in ../own.

import type { Object3D } from "three";
import type { FaceSettings } from "../contract";
import type { Pose } from "../motion/channels";
import type { Frame } from "./stage";

export interface Puppet {
  readonly root: Object3D;
  readonly frame: Frame;
  /** Shows `pose`; `dt` in seconds for what swings behind. */
  pose(pose: Pose, dt: number): void;
  colour(settings: FaceSettings): void;
  /** The morph weights applied last, by name. Made when asked for. */
  weights(): Record<string, number>;
  dispose(): void;
}
