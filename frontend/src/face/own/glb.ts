// A person's own GLB, moved by the same poses as ours.

import type { Mesh, Object3D } from "three";
import { at, type Pose, SHAPE0, SHAPES } from "../motion/channels";
import type { Puppet } from "../three/puppet";
import { OPEN } from "../three/recipes";
import { drivesFor, Rig } from "../three/rig";
import { release } from "../three/stage";
import { find, Joint, lowerArms } from "./body";
import { Fitted, FRAME } from "./fit";
import { COMBINED, canonical } from "./names";
import type { Bones } from "./report";

/** Degrees that a jaw bone drops for the widest mouth. */
const JAW = 22;

export class OwnGlb implements Puppet {
  readonly frame = FRAME;
  readonly root: Object3D;
  readonly bones: Bones;
  readonly morphs: readonly string[];
  readonly #fitted: Fitted;
  readonly #rig: Rig;
  readonly #head: Joint | undefined;
  readonly #neck: Joint | undefined;
  readonly #jaw: Joint | undefined;
  readonly #eyes: readonly (Joint | undefined)[];

  constructor(model: Object3D) {
    model.updateMatrixWorld(true);
    const faces: Mesh[] = [];
    model.traverse((o) => {
      const names = Object.keys((o as Mesh).morphTargetDictionary ?? {});
      if (names.some((n) => canonical(n) !== undefined)) faces.push(o as Mesh);
    });
    const names = new Map<string, string>();
    for (const mesh of faces) {
      for (const morph of Object.keys(mesh.morphTargetDictionary ?? {})) {
        const known = canonical(morph);
        if (known) names.set(morph, known);
      }
    }
    this.morphs = [...names.keys()];
    const known = new Set(names.values());
    lowerArms(model);
    const joint = (...wanted: string[]): Joint | undefined => {
      const node = find(model, ...wanted);
      return node && new Joint(node, model);
    };
    const head = find(model, "head");
    this.#head = joint("head");
    this.#neck = joint("neck", "neck01", "neck1");
    this.#jaw =
      known.has("jawOpen") || known.has("viseme_aa") ? undefined : joint("jaw", "jawroot", "jawbone", "cjaw");
    // Eyes that morph as well would turn twice.
    const morphing =
      faces.some((m) => /eye/i.test(m.name) && !/lash|brow/i.test(m.name)) && known.has("eyeLookOutLeft");
    this.#eyes = morphing
      ? []
      : [
          joint("lefteye", "eyeleft", "leye", "eyel", "eyeballl"),
          joint("righteye", "eyeright", "reye", "eyer", "eyeballr"),
        ];
    this.bones = { head: head !== undefined, jaw: this.#jaw !== undefined, eyes: this.#eyes.some((e) => e) };
    this.#fitted = new Fitted(model, head, faces);
    this.root = this.#fitted.root;
    this.#rig = new Rig(model, drivesFor(names, COMBINED));
  }

  pose(pose: Pose): void {
    const v = (i: number): number => pose[i] as number;
    this.#rig.apply(pose);
    this.#fitted.move(pose, this.#head ? 0 : 0.6);
    const neck = this.#neck ? 0.35 : 0;
    this.#head?.turn(v(at.headYaw) * (1 - neck), v(at.headPitch) * (1 - neck), v(at.headRoll) * (1 - neck));
    this.#neck?.turn(v(at.headYaw) * neck, v(at.headPitch) * neck, v(at.headRoll) * neck);
    this.#eyes[0]?.turn(v(at.eyeYawLeft), v(at.eyePitch), 0);
    this.#eyes[1]?.turn(v(at.eyeYawRight), v(at.eyePitch), 0);
    if (this.#jaw) {
      let open = v(at.jawOpen);
      for (let k = 0; k < SHAPES.length; k++)
        open += v(SHAPE0 + k) * OPEN[SHAPES[k] as (typeof SHAPES)[number]];
      this.#jaw.turn(0, JAW * Math.min(1, open), 0);
    }
  }

  colour(): void {
    // The person's own colours stay.
  }

  weights(): Record<string, number> {
    return Object.fromEntries(this.#rig.names.map((name, i) => [name, this.#rig.values[i] as number]));
  }

  dispose(): void {
    release(this.root);
  }
}
