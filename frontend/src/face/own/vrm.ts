// A person's own VRM (0.x or 1.0). This file is loaded only when such an avatar is: three-vrm is a third of the page.

import { type VRM, VRMLoaderPlugin, VRMUtils } from "@pixiv/three-vrm";
import { MathUtils, type Mesh, type Object3D } from "three";
import type { GLTF, GLTFLoader } from "three/addons/loaders/GLTFLoader.js";
import { at, type Pose } from "../motion/channels";
import { clamp } from "../motion/curves";
import type { Puppet } from "../three/puppet";
import { drivesFor, Rig } from "../three/rig";
import { release } from "../three/stage";
import { Fitted, FRAME } from "./fit";
import { COMBINED, canonical } from "./names";
import type { Bones } from "./report";

/** With this many ARKit morphs ("perfect sync") the model's own expressions would only stand in their way. */
const PERFECT = 40;

// Rhubarb -> VRM's vowels. Closed lips are no vowel.
const VOWELS = {
  aa: { shapeD: 1, shapeC: 0.3, shapeH: 0.35, jawOpen: 0.5 },
  ih: { shapeB: 0.55, shapeG: 0.2 },
  ou: { shapeF: 1, shapeG: 0.1, mouthPucker: 0.5 },
  ee: { shapeC: 0.5, shapeH: 0.2 },
  oh: { shapeE: 0.9, mouthFunnel: 0.3 },
} as const;

export const install = (loader: GLTFLoader): GLTFLoader =>
  loader.register((parser) => new VRMLoaderPlugin(parser));

export class OwnVrm implements Puppet {
  readonly frame = FRAME;
  readonly root: Object3D;
  readonly bones: Bones;
  readonly morphs: readonly string[];
  readonly #vrm: VRM;
  readonly #fitted: Fitted;
  readonly #rig: Rig | undefined;
  /** VRM 0.x looks along -z: pitch and roll turn round. */
  readonly #flip: number;
  readonly #applied: Record<string, number> = {};
  readonly #mouth: [string, [number, number][]][];

  constructor(gltf: GLTF) {
    const vrm = gltf.userData.vrm as VRM;
    this.#vrm = vrm;
    VRMUtils.rotateVRM0(vrm);
    this.#flip = vrm.meta.metaVersion === "0" ? -1 : 1;
    const names = new Map<string, string>();
    const faces: Mesh[] = [];
    vrm.scene.traverse((o) => {
      for (const morph of Object.keys((o as Mesh).morphTargetDictionary ?? {})) {
        const known = canonical(morph);
        if (known) names.set(morph, known);
        if (known && !faces.includes(o as Mesh)) faces.push(o as Mesh);
      }
    });
    const arkit = [...names.values()].filter((n) => (at as Record<string, number>)[n] !== undefined);
    if (new Set(arkit).size >= PERFECT) this.#rig = new Rig(vrm.scene, drivesFor(names, COMBINED));
    const expressions = Object.keys(vrm.expressionManager?.expressionMap ?? {});
    this.morphs = this.#rig ? [...names.keys()] : expressions.flatMap((e) => EXPRESSED[e] ?? []);
    this.#mouth = Object.entries(VOWELS).map(([vowel, of]) => [
      vowel,
      Object.entries(of).map(([channel, gain]) => [at[channel as keyof typeof at], gain]),
    ]);
    const bone = (name: Parameters<VRM["humanoid"]["getNormalizedBoneNode"]>[0]) =>
      vrm.humanoid.getNormalizedBoneNode(name);
    const down = MathUtils.degToRad(68) * this.#flip;
    bone("leftUpperArm")?.rotation.set(0, 0, -down);
    bone("rightUpperArm")?.rotation.set(0, 0, down);
    vrm.update(0);
    this.bones = {
      head: bone("head") !== null,
      jaw: false,
      eyes: bone("leftEye") !== null || vrm.lookAt !== undefined,
    };
    this.#fitted = new Fitted(vrm.scene, vrm.humanoid.getRawBoneNode("head") ?? undefined, faces);
    this.root = this.#fitted.root;
  }

  pose(pose: Pose, dt: number): void {
    const v = (i: number): number => pose[i] as number;
    this.#fitted.move(pose, this.bones.head ? 0 : 0.6);
    this.#turn("head", 0.65, pose);
    this.#turn("neck", 0.35, pose);
    const { lookAt, expressionManager } = this.#vrm;
    if (lookAt) {
      lookAt.yaw = (v(at.eyeYawLeft) + v(at.eyeYawRight)) / 2;
      lookAt.pitch = v(at.eyePitch);
    }
    if (this.#rig) this.#rig.apply(pose);
    else if (expressionManager) this.#express(pose);
    // Hair and clothes swing by springs that dislike long steps.
    this.#vrm.update(Math.min(dt, 0.05));
  }

  #turn(name: "head" | "neck", share: number, pose: Pose): void {
    const node = this.#vrm.humanoid.getNormalizedBoneNode(name);
    const by = share * MathUtils.DEG2RAD;
    node?.rotation.set(
      (pose[at.headPitch] as number) * by * this.#flip,
      (pose[at.headYaw] as number) * by,
      -(pose[at.headRoll] as number) * by * this.#flip,
      "YXZ",
    );
  }

  #express(pose: Pose): void {
    const v = (i: number): number => pose[i] as number;
    const set = (name: string, value: number): void => {
      const weight = clamp(value, 0, 1);
      this.#applied[name] = weight;
      this.#vrm.expressionManager?.setValue(name, weight);
    };
    for (const [vowel, of] of this.#mouth) {
      let x = 0;
      for (const [channel, gain] of of) x += v(channel) * gain;
      set(vowel, x);
    }
    const sides = this.#vrm.expressionManager?.getExpression("blinkLeft");
    set("blinkLeft", v(at.eyeBlinkLeft));
    set("blinkRight", v(at.eyeBlinkRight));
    set("blink", sides ? 0 : (v(at.eyeBlinkLeft) + v(at.eyeBlinkRight)) / 2);
    // Whole-face expressions, each told by the channel that is most its own; together never more than one face.
    const happy = 0.5 * (v(at.mouthSmileLeft) + v(at.mouthSmileRight));
    const angry = 0.8 * Math.min(v(at.browDownLeft), v(at.browDownRight));
    const surprised = 0.5 * (v(at.eyeWideLeft) + v(at.browOuterUpLeft)) * v(at.browInnerUp);
    const sad = 0.8 * v(at.browInnerUp) * v(at.mouthFrownLeft);
    const sum = Math.max(1, happy + angry + surprised + sad);
    set("happy", happy / sum);
    set("angry", angry / sum);
    set("surprised", surprised / sum);
    set("sad", sad / sum);
  }

  colour(): void {
    // The person's own colours stay.
  }

  weights(): Record<string, number> {
    if (!this.#rig) return { ...this.#applied };
    const { names, values } = this.#rig;
    return Object.fromEntries(names.map((name, i) => [name, values[i] as number]));
  }

  dispose(): void {
    VRMUtils.deepDispose(this.#vrm.scene);
    release(this.root);
  }
}

/** What a VRM expression gives, in the names of the report. */
const EXPRESSED: Readonly<Record<string, readonly string[]>> = {
  aa: ["viseme_aa"],
  ih: ["viseme_I"],
  ou: ["viseme_U"],
  ee: ["viseme_E"],
  oh: ["viseme_O"],
  blink: ["eyesClosed"],
  blinkLeft: ["eyeBlinkLeft"],
  blinkRight: ["eyeBlinkRight"],
  happy: ["mouthSmile"],
  angry: ["browDown"],
  sad: ["browInnerUp", "mouthFrown"],
  surprised: ["browOuterUp", "eyeWide"],
  lookUp: ["eyesLookUp"],
  lookDown: ["eyesLookDown"],
};
