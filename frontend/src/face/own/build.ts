// From the bytes of an own avatar to a puppet for the stage.

import { LoadingManager, type Mesh } from "three";
import { MeshoptDecoder } from "three/addons/libs/meshopt_decoder.module.js";
import { type GLTF, GLTFLoader } from "three/addons/loaders/GLTFLoader.js";
import { newPose } from "../motion/channels";
import type { Puppet } from "../three/puppet";
import { OwnGlb } from "./glb";
import { inspect } from "./inspect";
import { AvatarProblem, shown } from "./problem";
import { compare, type Report } from "./report";
import { kept } from "./store";

export interface Built {
  readonly puppet: Puppet;
  readonly report: Omit<Report, "look" | "name">;
}

/** Builds what `inspect` has let through. Throws AvatarProblem. */
export async function build(file: ArrayBuffer): Promise<Built> {
  try {
    const built = await assemble(file);
    // A model that cannot be moved is found out here and not on the stage.
    built.puppet.pose(newPose(), 1 / 60);
    return built;
  } catch (error) {
    if (error instanceof AvatarProblem) throw error;
    throw new AvatarProblem(
      `This file cannot be read (${shown(error instanceof Error ? error.message : error)}). Try exporting it again.`,
    );
  }
}

async function assemble(file: ArrayBuffer): Promise<Built> {
  const facts = inspect(file);
  const manager = new LoadingManager();
  // Belt and braces: `inspect` has refused foreign addresses already.
  manager.setURLModifier((url) => (/^(blob:|data:)/i.test(url) ? url : "data:,"));
  const loader = new GLTFLoader(manager).setMeshoptDecoder(MeshoptDecoder);
  const vrm = facts.kind === "GLB" ? undefined : await import("./vrm");
  vrm?.install(loader);
  const gltf = await loader.parseAsync(file, "");
  if (vrm && !gltf.userData.vrm) {
    throw new AvatarProblem("This VRM file describes no person. Export it again from the tool that made it.");
  }
  const puppet = vrm ? new vrm.OwnVrm(gltf) : new OwnGlb(gltf.scene);
  return {
    puppet,
    report: { kind: facts.kind, triangles: triangles(gltf), ...compare(puppet.morphs, puppet.bones) },
  };
}

function triangles(gltf: GLTF): number {
  let count = 0;
  gltf.scene.traverse((o) => {
    const geometry = (o as Mesh).geometry;
    const corners = geometry?.index?.count ?? geometry?.attributes.position?.count;
    if (Number.isFinite(corners)) count += (corners as number) / 3;
  });
  return Math.round(count);
}

/** The avatar kept in this browser as `look`. */
export async function buildKept(look: string): Promise<Puppet> {
  const avatar = await kept();
  if (avatar?.look !== look)
    throw new AvatarProblem("Your own avatar is no longer kept in this browser. Choose its file again.");
  return (await build(await avatar.file.arrayBuffer())).puppet;
}
