// Every stranger is brought to the size and place of our own heads, so that light, shadow and camera suit it.

import { Group, type Mesh, type Object3D } from "three";
import { at, type Pose } from "../motion/channels";
import { type Frame, HEAD } from "../three/stage";
import { headBox } from "./body";

/** Height of our own heads with hair, in metres. */
const HEIGHT = 0.25;
const RAD = Math.PI / 180;

/** Bodies go on below the chest, so the frame has no floor. */
export const FRAME: Frame = { ...HEAD, floor: -10 };

export class Fitted {
  readonly root = new Group();

  constructor(model: Object3D, head: Object3D | undefined, faces: readonly Object3D[]) {
    const { middle, height } = headBox(model, head, faces);
    const scale = HEIGHT / Math.max(height, 1e-6);
    const holder = new Group();
    holder.scale.setScalar(scale);
    holder.position.copy(middle).multiplyScalar(-scale);
    holder.add(model);
    this.root.add(holder);
    model.traverse((o) => {
      const mesh = o as Mesh;
      if (!mesh.isMesh) return;
      mesh.castShadow = mesh.receiveShadow = true;
      mesh.frustumCulled = false;
    });
  }

  /** The body's part of a pose; `share` of the head's turn goes to the whole model where there is no head bone. */
  move(pose: Pose, share: number): void {
    const v = (i: number): number => pose[i] as number;
    this.root.rotation.set(
      (v(at.torsoPitch) + share * v(at.headPitch)) * RAD,
      (v(at.torsoYaw) + share * v(at.headYaw)) * RAD,
      -(v(at.torsoRoll) + share * v(at.headRoll)) * RAD,
      "YXZ",
    );
    this.root.position.set(0, v(at.rise) / 1000, v(at.lean) / 1000);
  }
}
