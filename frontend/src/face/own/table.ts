// Whether the tables of a glTF file hold together. three.js reads them side by side, and when one breaks, the others
// go on unwatched: so nothing is handed to it that breaks there.

/** Bytes of a number, by its component type, and numbers of an element, by its type (glTF 2.0, 3.6.2.2). */
const BYTES: Record<number, number> = { 5120: 1, 5121: 1, 5122: 2, 5123: 2, 5125: 4, 5126: 4 };
const NUMBERS: Record<string, number> = { SCALAR: 1, VEC2: 2, VEC3: 3, VEC4: 4, MAT2: 4, MAT3: 9, MAT4: 16 };
const NAMED = [
  "nodes",
  "meshes",
  "materials",
  "skins",
  "animations",
  "textures",
  "images",
  "cameras",
  "scenes",
];

export interface Accessor {
  count?: unknown;
  bufferView?: unknown;
  byteOffset?: unknown;
  componentType?: unknown;
  type?: unknown;
}

export interface View {
  buffer?: unknown;
  byteOffset?: unknown;
  byteLength?: unknown;
  byteStride?: unknown;
}

/** Whether what is listed are objects, and every name a text. */
export function listed(json: Record<string, unknown>): boolean {
  return NAMED.every((key) => {
    const all = json[key];
    return all === undefined || (Array.isArray(all) && all.every(named));
  });
}

function named(one: unknown): boolean {
  if (typeof one !== "object" || one === null || Array.isArray(one)) return false;
  const { name } = one as { name?: unknown };
  return name === undefined || typeof name === "string";
}

/** Whether `accessor` can be read and lies within its view. */
export function fits(accessor: Accessor | null | undefined, views: readonly View[]): boolean {
  if (typeof accessor !== "object" || accessor === null) return false;
  const bytes = BYTES[accessor.componentType as number];
  const numbers = NUMBERS[accessor.type as string];
  if (bytes === undefined || numbers === undefined) return false;
  if (accessor.bufferView === undefined) return true;
  const view = views[accessor.bufferView as number];
  const width = bytes * numbers;
  const offset = whole(accessor.byteOffset ?? 0);
  const stride = whole(view?.byteStride ?? width);
  const count = whole(accessor.count);
  if (view === undefined || !(stride >= width) || offset % bytes || stride % bytes) return false;
  return count === 0 || offset + (count - 1) * stride + width <= whole(view.byteLength);
}

/** A non-negative whole number, or NaN, which fails every comparison. */
export function whole(x: unknown): number {
  return typeof x === "number" && Number.isSafeInteger(x) && x >= 0 ? x : Number.NaN;
}
