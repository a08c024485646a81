// Small GLBs for the tests, made on the spot: a box of a head on a skeleton, with the morphs asked for.

export interface Sample {
  morphs?: readonly string[];
  bones?: readonly string[];
  extensions?: Record<string, unknown>;
  /** Changes the description before it is packed. */
  spoil?: (json: Record<string, unknown>) => void;
  images?: readonly Uint8Array[];
}

const BOX: readonly number[] = [-1, 1].flatMap((z) =>
  [-1, 1].flatMap((y) => [-1, 1].flatMap((x) => [x, y, z])),
);
const FACES = [
  0, 1, 3, 0, 3, 2, 4, 6, 7, 4, 7, 5, 0, 4, 5, 0, 5, 1, 2, 3, 7, 2, 7, 6, 0, 2, 6, 0, 6, 4, 1, 5, 7, 1, 7, 3,
];

/** A figure 1.7 m tall: bones of 10 cm each on top of one another, the last ("Head") at 1.5 m, and its box. */
export function sample({
  morphs = [],
  bones = ["Hips", "Neck", "Head"],
  extensions,
  spoil,
  images = [],
}: Sample = {}): ArrayBuffer {
  const positions = Float32Array.from(BOX, (v, i) => (i % 3 === 1 ? 0.1 + v * 0.1 : v * 0.08));
  const index = Uint16Array.from(FACES);
  const parts: Uint8Array[] = [new Uint8Array(positions.buffer), new Uint8Array(index.buffer)];
  morphs.forEach((_, m) => {
    const delta = Float32Array.from(BOX, (_v, i) => (i % 3 === 1 ? -0.001 * (m + 1) : 0));
    parts.push(new Uint8Array(delta.buffer));
  });
  const geometryParts = parts.length;
  parts.push(...images);
  const bufferViews: { buffer: number; byteOffset: number; byteLength: number }[] = [];
  let length = 0;
  for (const part of parts) {
    bufferViews.push({ buffer: 0, byteOffset: length, byteLength: part.length });
    length += Math.ceil(part.length / 4) * 4;
  }
  const vec3 = (bufferView: number) => ({
    bufferView,
    componentType: 5126,
    count: 8,
    type: "VEC3",
    min: [-0.2, -0.2, -0.2],
    max: [0.2, 0.2, 0.2],
  });
  const step = (1.5 - 0.1) / Math.max(1, bones.length - 1);
  const json: Record<string, unknown> = {
    asset: { version: "2.0" },
    scene: 0,
    scenes: [{ nodes: [0] }],
    nodes: [
      ...bones.map((name, i) => ({
        name,
        translation: [0, i === 0 ? 0.1 : step, 0],
        children: [i + 1],
      })),
      { name: "Wolf3D_Head", mesh: 0 },
    ],
    meshes: [
      {
        name: "head",
        primitives: [
          {
            attributes: { POSITION: 0 },
            indices: 1,
            ...(morphs.length > 0 && { targets: morphs.map((_, m) => ({ POSITION: 2 + m })) }),
          },
        ],
        extras: { targetNames: morphs },
      },
    ],
    accessors: [
      vec3(0),
      { bufferView: 1, componentType: 5123, count: FACES.length, type: "SCALAR" },
      ...morphs.map((_, m) => vec3(2 + m)),
    ],
    bufferViews,
    buffers: [{ byteLength: length }],
    ...(images.length > 0 && {
      images: images.map((_, i) => ({
        bufferView: geometryParts + i,
        mimeType: "image/png",
        name: `picture ${i}`,
      })),
    }),
    ...(extensions && { extensions, extensionsUsed: Object.keys(extensions) }),
  };
  spoil?.(json);
  return pack(json, parts, length);
}

function pack(json: unknown, parts: readonly Uint8Array[], length: number): ArrayBuffer {
  const text = new TextEncoder().encode(JSON.stringify(json));
  const padded = Math.ceil(text.length / 4) * 4;
  const file = new Uint8Array(12 + 8 + padded + 8 + length);
  const view = new DataView(file.buffer);
  view.setUint32(0, 0x46546c67, true);
  view.setUint32(4, 2, true);
  view.setUint32(8, file.length, true);
  view.setUint32(12, padded, true);
  view.setUint32(16, 0x4e4f534a, true);
  file.fill(0x20, 20, 20 + padded);
  file.set(text, 20);
  view.setUint32(20 + padded, length, true);
  view.setUint32(24 + padded, 0x004e4942, true);
  let at = 28 + padded;
  for (const part of parts) {
    file.set(part, at);
    at += Math.ceil(part.length / 4) * 4;
  }
  return file.buffer;
}

const HUMAN = [
  "hips",
  "spine",
  "head",
  "leftUpperLeg",
  "leftLowerLeg",
  "leftFoot",
  "rightUpperLeg",
  "rightLowerLeg",
];
const REST = [
  "rightFoot",
  "leftUpperArm",
  "leftLowerArm",
  "leftHand",
  "rightUpperArm",
  "rightLowerArm",
  "rightHand",
];
const HUMANOID = [...HUMAN, ...REST];

/** The five vowels and a blink as morphs 0 .. 5. */
export const VRM_MORPHS = [
  "Fcl_MTH_A",
  "Fcl_MTH_I",
  "Fcl_MTH_U",
  "Fcl_MTH_E",
  "Fcl_MTH_O",
  "Fcl_EYE_Close",
] as const;

/** A VRM person; every humanoid bone that VRM demands is there, stacked up. */
export function vrmSample(version: "0.x" | "1.0", spoil?: Sample["spoil"]): ArrayBuffer {
  const bones = [...HUMANOID.filter((b) => b !== "head"), "head"];
  const node = bones.length;
  const presets = ["aa", "ih", "ou", "ee", "oh", "blink"];
  const old = ["a", "i", "u", "e", "o", "blink"];
  const extensions: Record<string, unknown> =
    version === "1.0"
      ? {
          VRMC_vrm: {
            specVersion: "1.0",
            meta: { name: "Sample", authors: ["us"], licenseUrl: "https://vrm.dev/licenses/1.0/" },
            humanoid: { humanBones: Object.fromEntries(bones.map((name, i) => [name, { node: i }])) },
            expressions: {
              preset: Object.fromEntries(
                presets.map((name, index) => [name, { morphTargetBinds: [{ node, index, weight: 1 }] }]),
              ),
            },
          },
        }
      : {
          VRM: {
            specVersion: "0.0",
            meta: { title: "Sample", author: "us" },
            humanoid: { humanBones: bones.map((bone, i) => ({ bone, node: i })) },
            blendShapeMaster: {
              blendShapeGroups: old.map((presetName, index) => ({
                name: presetName,
                presetName,
                binds: [{ mesh: 0, index, weight: 100 }],
              })),
            },
            firstPerson: { lookAtTypeName: "Bone" },
            secondaryAnimation: { boneGroups: [], colliderGroups: [] },
            materialProperties: [],
          },
        };
  return sample({ morphs: VRM_MORPHS, bones, extensions, ...(spoil && { spoil }) });
}

/** The first bytes of a PNG that claims this size. */
export function png(width: number, height: number): Uint8Array {
  const bytes = new Uint8Array(64);
  bytes.set([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52]);
  const view = new DataView(bytes.buffer);
  view.setUint32(16, width);
  view.setUint32(20, height);
  return bytes;
}
