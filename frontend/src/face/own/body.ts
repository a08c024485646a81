// Skeletons of strangers: finding head, neck, jaw, eyes and arms by name, and turning them about the model's own
// axes whatever the bones' are.

import { Box3, Euler, MathUtils, type Object3D, Quaternion, Vector3 } from "three";

const PREFIX = /^(mixamorig\d*|bip0?0?1|cc_base|def|armature|bone|j_bip_[clr]|j_adj_[lr])[:_ .-]*/i;

/** The first node whose plain name (no prefix, no separators) is one of these. */
export function find(root: Object3D, ...names: string[]): Object3D | undefined {
  const wanted = new Set(names);
  let found: Object3D | undefined;
  root.traverse((o) => {
    if (found || (o as { isMesh?: boolean }).isMesh) return;
    const plain = o.name
      .replace(PREFIX, "")
      .replace(/[\s_.:-]/g, "")
      .toLowerCase();
    if (wanted.has(plain)) found = o;
  });
  return found;
}

const turnBy = new Quaternion();
const euler = new Euler(0, 0, 0, "YXZ");

/** A bone that turns about the axes of the model, from where it rests. */
export class Joint {
  readonly #node: Object3D;
  readonly #rest: Quaternion;
  readonly #parent: Quaternion;
  readonly #parentInverse: Quaternion;

  /** `root` must have its world matrices up to date. */
  constructor(node: Object3D, root: Object3D) {
    this.#node = node;
    this.#rest = node.quaternion.clone();
    const world = root.getWorldQuaternion(new Quaternion()).invert();
    this.#parent = node.parent ? world.multiply(node.parent.getWorldQuaternion(new Quaternion())) : world;
    this.#parentInverse = this.#parent.clone().invert();
  }

  /** Degrees: yaw to the model's left, pitch down, roll towards its right. */
  turn(yaw: number, pitch: number, roll: number): void {
    euler.set(pitch * MathUtils.DEG2RAD, yaw * MathUtils.DEG2RAD, -roll * MathUtils.DEG2RAD, "YXZ");
    turnBy.setFromEuler(euler);
    this.#node.quaternion
      .copy(this.#parentInverse)
      .multiply(turnBy)
      .multiply(this.#parent)
      .multiply(this.#rest);
  }
}

/** Arms that stand out like a scarecrow's are lowered to the sides. */
export function lowerArms(root: Object3D): void {
  const from = new Vector3();
  const to = new Vector3();
  for (const [side, names] of [
    [1, ["leftarm", "leftupperarm", "lupperarm", "upperarml", "arml", "larm"]],
    [-1, ["rightarm", "rightupperarm", "rupperarm", "upperarmr", "armr", "rarm"]],
  ] as const) {
    const arm = find(root, ...names);
    const below = arm?.children.find((c) => !(c as { isMesh?: boolean }).isMesh);
    if (!arm || !below) continue;
    arm.getWorldPosition(from);
    below.getWorldPosition(to).sub(from).normalize();
    // Straight out is 0; what already hangs is left alone.
    const raised = MathUtils.radToDeg(Math.asin(MathUtils.clamp(to.y, -1, 1)));
    if (raised > -50) new Joint(arm, root).turn(0, 0, side * (68 + raised));
  }
}

/** Where the head is, in the space of `root`'s parent: its middle and its height. */
export function headBox(
  root: Object3D,
  head: Object3D | undefined,
  faces: readonly Object3D[],
): { middle: Vector3; height: number } {
  root.updateMatrixWorld(true);
  const all = new Box3().setFromObject(root, true);
  if (all.isEmpty()) all.set(new Vector3(-0.1, -0.1, -0.1), new Vector3(0.1, 0.1, 0.1));
  const size = all.getSize(new Vector3());
  const middle = all.getCenter(new Vector3());
  if (head) {
    // A head bone sits at the base of the skull, about level with the mouth; a hand's breadth of chin is below it.
    const at = head.getWorldPosition(new Vector3());
    const above = Math.max(all.max.y - at.y, size.y * 0.02);
    if (above < size.y * 0.6 || faces.length === 0) {
      return { middle: new Vector3(at.x, at.y + above * 0.42, at.z), height: above * 1.18 };
    }
  }
  const face = new Box3();
  for (const mesh of faces) face.expandByObject(mesh, true);
  if (!face.isEmpty()) {
    const s = face.getSize(new Vector3());
    if (s.y < s.x * 2.2) return { middle: face.getCenter(middle), height: s.y };
  }
  // A whole person without a skeleton: the head is a seventh of the height, at the top.
  if (size.y > size.x * 1.8 || size.y > size.z * 4) {
    return { middle: middle.setY(all.max.y - size.y / 14), height: size.y / 7 };
  }
  return { middle, height: size.y };
}
