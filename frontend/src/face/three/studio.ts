// What shines back from hair and lips: a photo studio of a soft room and four softboxes, as an environment map.
//
// Boxes and blur are spherical Gaussians, whose convolution has a closed form, so every roughness level is simply
// written down: two milliseconds on the CPU instead of a prefiltering pass on the graphics card, which takes
// seconds where that card is software, and nothing to rebuild when the context is lost.

import {
  CubeTexture,
  DataTexture,
  DataUtils,
  HalfFloatType,
  LinearFilter,
  LinearMipmapLinearFilter,
  RGBAFormat,
} from "three";

/** Faces of the levels 0 .. 3; three.js reads roughness 1 and the diffuse light from level 3 (8 pixels). */
const SIZES = [64, 32, 16, 8, 4] as const;
/** Roughness that three.js expects in each level: 1 - sqrt(1 - level / 3). The last level is never read. */
const ROUGHNESS = [0, 0.184, 0.423, 1, 1] as const;

interface Box {
  readonly colour: readonly [number, number, number];
  /** Direction to it, and its size as an angle in radians. */
  readonly to: readonly [number, number, number];
  readonly radius: number;
}

const BOXES: readonly Box[] = [
  { colour: [9, 8.3, 7.2], to: [-0.45, 0.6, 0.66], radius: 0.42 },
  { colour: [2.6, 3.0, 3.6], to: [0.88, 0.25, 0.4], radius: 0.42 },
  { colour: [4.6, 4.6, 4.6], to: [0.08, 0.97, -0.22], radius: 0.5 },
  { colour: [3.4, 2.9, 2.4], to: [-0.66, 0.28, -0.7], radius: 0.45 },
];
const CEILING = [0.3, 0.29, 0.28] as const;
const FLOOR = [0.19, 0.155, 0.14] as const;

/** Light from `x, y, z` (unit length) on a surface of this roughness: RGB into `out` at `o`. */
function light(x: number, y: number, z: number, roughness: number, out: Float32Array, o: number): void {
  const up = 0.5 + 0.5 * y * (1 - 0.35 * roughness);
  for (let c = 0; c < 3; c++)
    out[o + c] = (FLOOR[c] as number) + ((CEILING[c] as number) - (FLOOR[c] as number)) * up;
  // A GGX lobe of this roughness, about as wide as a Gaussian of this variance; at 1 it stands for the cosine.
  const spread = 0.62 * roughness ** 2.6;
  for (const { colour, to, radius } of BOXES) {
    const own = radius * radius;
    const wide = own + spread;
    const cosine = x * to[0] + y * to[1] + z * to[2];
    const amount = (own / wide) * Math.exp((cosine - 1) / wide);
    for (let c = 0; c < 3; c++) out[o + c] = (out[o + c] as number) + amount * (colour[c] as number);
  }
}

/** One face of one level, in the orientation of OpenGL's cube maps. */
function face(side: number, size: number, roughness: number): DataTexture {
  const data = new Uint16Array(size * size * 4);
  const rgb = new Float32Array(3);
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      const s = (2 * (column + 0.5)) / size - 1;
      const t = (2 * (row + 0.5)) / size - 1;
      const [x, y, z] = (
        [
          [1, -t, -s],
          [-1, -t, s],
          [s, 1, t],
          [s, -1, -t],
          [s, -t, 1],
          [-s, -t, -1],
        ] as const
      )[side] as readonly [number, number, number];
      const length = Math.hypot(x, y, z);
      // three.js keeps cube maps with x mirrored.
      light(-x / length, y / length, z / length, roughness, rgb, 0);
      const o = (row * size + column) * 4;
      for (let c = 0; c < 3; c++) data[o + c] = DataUtils.toHalfFloat(rgb[c] as number);
      data[o + 3] = DataUtils.toHalfFloat(1);
    }
  }
  const texture = new DataTexture(data, size, size, RGBAFormat, HalfFloatType);
  texture.needsUpdate = true;
  return texture;
}

const level = (size: number, roughness: number): DataTexture[] =>
  [0, 1, 2, 3, 4, 5].map((side) => face(side, size, roughness));

/** The environment map; the caller disposes of it. */
export function studio(): CubeTexture {
  const [base, ...mips] = SIZES.map((size, i) => level(size, ROUGHNESS[i] as number));
  const cube = new CubeTexture(base);
  cube.mipmaps = mips.map((images) => ({ image: images })) as unknown as typeof cube.mipmaps;
  cube.type = HalfFloatType;
  cube.format = RGBAFormat;
  cube.magFilter = LinearFilter;
  cube.minFilter = LinearMipmapLinearFilter;
  cube.generateMipmaps = false;
  // It is what PMREMGenerator would have made, level for level.
  cube.isPMREMTexture = true;
  cube.needsUpdate = true;
  return cube;
}
