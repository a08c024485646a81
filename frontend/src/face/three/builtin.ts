// A built-in avatar: the GLB of a look, dressed and wired.

import { MathUtils, type Mesh, type Object3D, Vector3 } from "three";
import { MeshoptDecoder } from "three/addons/libs/meshopt_decoder.module.js";
import { GLTFLoader } from "three/addons/loaders/GLTFLoader.js";
import type { FaceSettings } from "../contract";
import { at, type Pose } from "../motion/channels";
import { Spring } from "../motion/curves";
import { fetchLooks, type Look, type Looks, pick } from "./looks";
import type { Puppet } from "./puppet";
import { Rig, type Sum } from "./rig";
import { type Palette, Shading } from "./shading";
import { HEAD, release } from "./stage";

const RAD = MathUtils.DEG2RAD;
const CASTERS = new Set(["face", "head", "hair", "glasses"]);
const CURLY = new Set<string>(["crop", "afro"]);
const RENAMED: Record<string, string> = { cord: "trim", eyes: "eye" };

export async function loadBuiltIn(settings: FaceSettings): Promise<Puppet> {
  const looks = await fetchLooks(settings.avatar);
  const look = pick(looks, settings.look);
  const loader = new GLTFLoader().setMeshoptDecoder(MeshoptDecoder);
  const gltf = await loader.loadAsync(settings.avatar + look.file);
  return new BuiltIn(gltf.scene, look, looks, settings);
}

class BuiltIn implements Puppet {
  readonly frame = HEAD;
  readonly root: Object3D;
  readonly #look: Look;
  readonly #shading = new Shading();
  readonly #rig: Rig;
  readonly #wrinkles: { readonly left: Sum; readonly right: Sum }[];
  readonly #neck: Object3D | undefined;
  readonly #head: Object3D | undefined;
  readonly #eyes: readonly [Object3D | undefined, Object3D | undefined];
  readonly #sway = [new Spring(), new Spring()] as const;

  constructor(root: Object3D, look: Look, looks: Looks, settings: FaceSettings) {
    this.root = root;
    this.#look = look;
    this.#shading.curly = CURLY.has(look.drawn?.hair ?? "");
    root.traverse((o) => {
      if ((o as Mesh).isMesh) this.#dress(o as Mesh);
    });
    this.#rig = new Rig(root, undefined, looks.correctives);
    this.#wrinkles = ["x", "y", "z", "w"].map((channel) => {
      const of = Object.entries(looks.wrinkles?.[channel] ?? {});
      const side = (other: string) => Object.fromEntries(of.filter(([morph]) => !morph.endsWith(other)));
      return { left: this.#rig.sum(side("Right")), right: this.#rig.sum(side("Left")) };
    });
    this.#neck = root.getObjectByName("neck");
    this.#head = root.getObjectByName("head");
    this.#eyes = [root.getObjectByName("eyeLeft"), root.getObjectByName("eyeRight")];
    root.updateMatrixWorld(true);
    this.#shading.uniforms.unit.value = root.getObjectByName("hair")?.getWorldScale(new Vector3()).x || 1;
    this.colour(settings);
  }

  #dress(mesh: Mesh): void {
    const given = mesh.material as { name: string };
    const isEye = mesh.name.startsWith("eye");
    const name = isEye ? "eye" : (RENAMED[given.name] ?? given.name);
    mesh.material = this.#shading.material(name, mesh.geometry.attributes) ?? mesh.material;
    mesh.castShadow = CASTERS.has(mesh.name);
    mesh.receiveShadow = !isEye;
    // Morphs move vertices out of the box that culling knows of.
    mesh.frustumCulled = false;
  }

  colour(settings: FaceSettings): void {
    this.#shading.colour({ ...this.#look.colours, ...(settings.colours as Partial<Palette>) });
  }

  pose(pose: Pose, dt: number): void {
    const v = (i: number): number => pose[i] as number;
    this.#rig.apply(pose);
    turn(this.#neck, 0.3, v(at.headYaw), v(at.headPitch), v(at.headRoll));
    turn(this.#head, 0.7, v(at.headYaw), v(at.headPitch), v(at.headRoll));
    this.root.rotation.set(v(at.torsoPitch) * RAD, v(at.torsoYaw) * RAD, -v(at.torsoRoll) * RAD, "YXZ");
    this.root.position.set(0, v(at.rise) / 1000, v(at.lean) / 1000);
    this.#eyes[0]?.rotation.set(v(at.eyePitch) * RAD, v(at.eyeYawLeft) * RAD, 0, "YXZ");
    this.#eyes[1]?.rotation.set(v(at.eyePitch) * RAD, v(at.eyeYawRight) * RAD, 0, "YXZ");

    const u = this.#shading.uniforms;
    u.pupil.value = 13.6 * v(at.pupil);
    for (let k = 0; k < 4; k++) {
      const { left, right } = this.#wrinkles[k] as { left: Sum; right: Sum };
      u.wrinkleLeft.value.setComponent(k, this.#rig.total(left));
      u.wrinkleRight.value.setComponent(k, this.#rig.total(right));
    }
    this.#swing(v(at.headYaw) + v(at.torsoYaw), v(at.headRoll) + v(at.torsoRoll), dt);
    if (this.#head) {
      this.#head.updateWorldMatrix(true, false);
      u.head.value.setFromMatrix4(this.#head.matrixWorld).transpose();
    }
  }

  /** Hair lags behind the head by a few millimetres. */
  #swing(yaw: number, roll: number, dt: number): void {
    const [side, tilt] = this.#sway;
    side.step(yaw, 9, dt);
    tilt.step(roll, 9, dt);
    const lagYaw = yaw - side.value;
    const lagRoll = roll - tilt.value;
    const x =
      MathUtils.clamp(-0.0007 * lagYaw + 0.0006 * lagRoll, -0.006, 0.006) / this.#shading.uniforms.unit.value;
    this.#shading.uniforms.sway.value.set(x, 0, 0.3 * Math.abs(x));
  }

  weights(): Record<string, number> {
    return Object.fromEntries(this.#rig.names.map((name, i) => [name, this.#rig.values[i] as number]));
  }

  dispose(): void {
    release(this.root);
    this.#shading.dispose();
  }
}

function turn(node: Object3D | undefined, share: number, yaw: number, pitch: number, roll: number): void {
  node?.rotation.set(pitch * share * RAD, yaw * share * RAD, -roll * share * RAD, "YXZ");
}
