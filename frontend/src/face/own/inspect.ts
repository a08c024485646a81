// Reads a GLB's table of contents before anything is built from it, and refuses what is broken, boundless, or
// would fetch something from elsewhere. No three.js, no DOM: bytes in, facts out.

import { imageSize } from "./image-size";
import { AvatarProblem, shown } from "./problem";
import { type Accessor, fits, listed, type View, whole } from "./table";

export const MAX_BYTES = 100 * 2 ** 20;
const MAX_JSON = 24 * 2 ** 20;
const MAX_NODES = 5_000;
const MAX_VERTICES = 1_000_000;
/** Texels of morph textures: vertices x targets, which is what fills graphics memory. */
const MAX_MORPHED = 60_000_000;
const MAX_TEXTURE = 8192;
const MAX_PIXELS = 100_000_000;
const MAX_IMAGES = 64;

const SUPPORTED = new Set([
  "EXT_meshopt_compression",
  "KHR_meshopt_compression",
  "EXT_texture_webp",
  "EXT_texture_avif",
  "KHR_mesh_quantization",
  "KHR_texture_transform",
  "KHR_materials_unlit",
  "KHR_materials_emissive_strength",
  "KHR_materials_clearcoat",
  "KHR_materials_ior",
  "KHR_materials_sheen",
  "KHR_materials_specular",
  "KHR_materials_transmission",
  "KHR_materials_volume",
  "KHR_materials_iridescence",
  "KHR_materials_anisotropy",
  "VRM",
  "VRMC_vrm",
  "VRMC_materials_mtoon",
  "VRMC_springBone",
  "VRMC_node_constraint",
  "VRMC_materials_hdr_emissiveMultiplier",
]);

export type Kind = "GLB" | "VRM 0.x" | "VRM 1.0";

export interface Facts {
  readonly kind: Kind;
  readonly vertices: number;
  readonly morphs: number;
}

interface Primitive {
  attributes?: Record<string, unknown>;
  targets?: unknown[];
}
interface Gltf {
  asset?: { version?: unknown };
  nodes?: unknown[];
  meshes?: { primitives?: Primitive[] }[];
  accessors?: Accessor[];
  bufferViews?: View[];
  buffers?: { uri?: unknown; byteLength?: unknown }[];
  images?: { uri?: unknown; bufferView?: unknown; name?: unknown }[];
  extensionsRequired?: unknown[];
  extensions?: Record<string, unknown>;
}

/** Throws AvatarProblem for a file of `size` bytes that is not worth reading. */
export function checkSize(size: number): void {
  if (size > MAX_BYTES) {
    throw new AvatarProblem(
      `This file has ${Math.round(size / 2 ** 20)} MB; at most ${MAX_BYTES / 2 ** 20} MB can be taken. Smaller textures usually help most.`,
    );
  }
  if (size < 20)
    throw new AvatarProblem("This file is empty or cut off. Try downloading or exporting it again.");
}

/** The facts of a GLB or VRM file. Throws AvatarProblem with a sentence for the person. */
export function inspect(file: ArrayBuffer): Facts {
  checkSize(file.byteLength);
  const { json, binary } = chunks(file);
  if (json.asset?.version !== "2.0" && json.asset?.version !== 2) {
    throw new AvatarProblem("Only glTF 2.0 files can be taken. Export the avatar again as GLB 2.0 or VRM.");
  }
  const foreign = list(json.extensionsRequired).find((e) => !SUPPORTED.has(String(e)));
  if (foreign !== undefined) {
    throw new AvatarProblem(
      `This file needs ${shown(foreign)}, which is not supported. Export it without, or with meshopt compression.`,
    );
  }
  enclosed(json, binary);
  const size = geometry(json);
  images(json, file, binary);
  return { kind: kindOf(json), ...size };
}

function chunks(file: ArrayBuffer): { json: Gltf; binary: { start: number; length: number } } {
  const view = new DataView(file);
  if (view.getUint32(0, true) !== 0x46546c67) {
    throw new AvatarProblem("This is not a GLB or VRM file. Choose a file that ends in .glb or .vrm.");
  }
  const cut = (): AvatarProblem =>
    new AvatarProblem("This file is cut off or damaged. Try downloading or exporting it again.");
  if (view.getUint32(8, true) > file.byteLength) throw cut();
  const length = view.getUint32(12, true);
  if (view.getUint32(16, true) !== 0x4e4f534a || 20 + length > file.byteLength) throw cut();
  if (length > MAX_JSON) throw new AvatarProblem("This file describes too many parts to be an avatar.");
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(new Uint8Array(file, 20, length)));
  } catch {
    throw cut();
  }
  if (typeof json !== "object" || json === null || Array.isArray(json)) throw cut();
  const at = 20 + length;
  if (at + 8 > file.byteLength) return { json, binary: { start: at, length: 0 } };
  const binary = { start: at + 8, length: view.getUint32(at, true) };
  if (binary.start + binary.length > file.byteLength) throw cut();
  return { json, binary };
}

/** Everything the file needs is in the file: nothing is fetched, nothing points past its end. */
function enclosed(json: Gltf, binary: { length: number }): void {
  const away = [...list(json.buffers), ...list(json.images)].find(
    (x) => typeof x?.uri === "string" && !/^data:/i.test(x.uri),
  );
  if (away) {
    throw new AvatarProblem(
      `This file points to another one (${shown(away.uri)}). Export it as a single GLB with everything embedded.`,
    );
  }
  for (const view of list(json.bufferViews)) {
    const buffer = json.buffers?.[Number(view?.buffer)];
    const end = whole(view?.byteOffset ?? 0) + whole(view?.byteLength);
    const size =
      buffer && buffer.uri === undefined ? Math.max(binary.length, 0) : whole(buffer?.byteLength ?? 0);
    // meshopt's fallback buffers hold nothing and have no size of their own.
    if (buffer && buffer.uri === undefined && Number(view?.buffer) > 0) continue;
    if (!(end <= size)) throw damaged();
  }
}

const damaged = (): AvatarProblem =>
  new AvatarProblem("This file is cut off or damaged. Try exporting it again.");

function geometry(json: Gltf): { vertices: number; morphs: number } {
  const tooMuch = "This model is too heavy to be drawn while it speaks";
  if (list(json.nodes).length > MAX_NODES)
    throw new AvatarProblem(`${tooMuch}: ${list(json.nodes).length} parts.`);
  for (const accessor of list(json.accessors)) {
    if (!(whole(accessor?.count) <= 6 * MAX_VERTICES)) {
      throw new AvatarProblem(
        `${tooMuch}. Reduce it to under ${MAX_VERTICES.toLocaleString("en")} vertices.`,
      );
    }
  }
  const views = list(json.bufferViews);
  if (!listed({ ...json }) || !list(json.accessors).every((one) => fits(one, views))) throw damaged();
  let vertices = 0;
  let morphed = 0;
  let morphs = 0;
  for (const mesh of list(json.meshes)) {
    for (const primitive of list(mesh?.primitives)) {
      const count = whole(json.accessors?.[Number(primitive?.attributes?.POSITION)]?.count ?? 0);
      const targets = list(primitive?.targets).length;
      vertices += count;
      morphed += count * targets;
      morphs = Math.max(morphs, targets);
    }
  }
  if (vertices === 0) throw new AvatarProblem("There is no mesh in this file, so there is nothing to show.");
  if (!(vertices <= MAX_VERTICES) || !(morphed <= MAX_MORPHED)) {
    throw new AvatarProblem(`${tooMuch}. Reduce its vertices, or the number of its morph targets.`);
  }
  return { vertices, morphs };
}

function images(json: Gltf, file: ArrayBuffer, binary: { start: number; length: number }): void {
  const all = list(json.images);
  if (all.length > MAX_IMAGES)
    throw new AvatarProblem(`This model has ${all.length} textures; at most ${MAX_IMAGES} fit.`);
  let pixels = 0;
  for (const image of all) {
    const view = json.bufferViews?.[Number(image?.bufferView)];
    if (!view) continue;
    const bytes = new Uint8Array(file, binary.start + whole(view.byteOffset ?? 0), whole(view.byteLength));
    const size = imageSize(bytes);
    if (!size) {
      throw new AvatarProblem(
        `The texture "${shown(image.name)}" cannot be read. Use PNG, JPEG or WebP textures.`,
      );
    }
    pixels += size.width * size.height;
    if (size.width > MAX_TEXTURE || size.height > MAX_TEXTURE || pixels > MAX_PIXELS) {
      throw new AvatarProblem(
        `The textures of this model are too large (one has ${size.width} x ${size.height} pixels). Export them at 2048 or less.`,
      );
    }
  }
}

function kindOf(json: Gltf): Kind {
  if (json.extensions && "VRMC_vrm" in json.extensions) return "VRM 1.0";
  return json.extensions && "VRM" in json.extensions ? "VRM 0.x" : "GLB";
}

const list = <T>(x: readonly T[] | undefined): readonly T[] => (Array.isArray(x) ? x : []);
