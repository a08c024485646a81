// From a pose to the morphs of one model. Everything is laid out once when the model is loaded; a frame is a few
// loops over typed arrays.

import type { Mesh, Object3D } from "three";
import { at, type Channel, type Pose, SHAPES } from "../motion/channels";
import { clamp } from "../motion/curves";
import { blendsFor } from "./recipes";

/** Morphs that come from others: weight = product of clamped sums. See the generator's contract. */
export type Correctives = Readonly<
  Record<string, { readonly of: readonly Readonly<Record<string, number>>[] }>
>;
export type Wrinkles = Readonly<Record<string, Readonly<Record<string, number>>>>;

interface Sum {
  readonly index: Uint16Array;
  readonly gain: Float32Array;
}
interface Slot {
  readonly influences: number[];
  readonly morph: number;
  readonly value: number;
}

/** Which channels drive each morph: [channel, gain] pairs. */
export type Drives = ReadonlyMap<string, readonly (readonly [Channel, number])[]>;

/**
 * The drives for a model: `names` holds its own morph names and what they are as ARKit or Oculus names. `combined`
 * says for which pairs of channels a morph without sides stands.
 */
export function drivesFor(
  names: ReadonlyMap<string, string>,
  combined: Readonly<Record<string, readonly Channel[]>> = {},
): Drives {
  const drives = new Map<string, (readonly [Channel, number])[]>();
  const known = new Set(names.values());
  const blends = blendsFor((name) => known.has(name));
  for (const [morph, name] of names) {
    const list: (readonly [Channel, number])[] = [];
    const pair = combined[name];
    if (pair) {
      // Where the model has the sides as well, they do the work.
      if (!pair.some((channel) => known.has(channel)))
        for (const channel of pair) list.push([channel, 1 / pair.length]);
    } else if ((at as Record<string, number>)[name] !== undefined) list.push([name as Channel, 1]);
    for (const shape of SHAPES) {
      const gain = blends?.[shape][name];
      if (gain) list.push([`shape${shape}`, gain]);
    }
    if (list.length > 0) drives.set(morph, list);
  }
  return drives;
}

export class Rig {
  /** Weights in the order of `names`: what was really applied in the last frame. */
  readonly values: Float32Array;
  readonly names: readonly string[];
  readonly #drives: Sum[];
  readonly #correctives: { readonly value: number; readonly of: readonly Sum[] }[];
  readonly #slots: Slot[] = [];

  constructor(root: Object3D, drives?: Drives, correctives: Correctives = {}) {
    const meshes: Mesh[] = [];
    root.traverse((o) => {
      if ((o as Mesh).isMesh && (o as Mesh).morphTargetDictionary) meshes.push(o as Mesh);
    });
    const found = new Set(meshes.flatMap((m) => Object.keys(m.morphTargetDictionary ?? {})));
    const driven = drives ?? drivesFor(new Map([...found].map((name) => [name, name])));
    const derived = Object.keys(correctives).filter((name) => found.has(name));
    this.names = [...driven.keys(), ...derived];
    this.values = new Float32Array(this.names.length);
    this.#drives = [...driven.values()].map((list) => ({
      index: Uint16Array.from(list, ([channel]) => at[channel]),
      gain: Float32Array.from(list, ([, gain]) => gain),
    }));
    this.#correctives = derived.map((name) => ({
      value: this.names.indexOf(name),
      of: (correctives[name]?.of ?? []).map((sum) => this.sum(sum)),
    }));
    for (const mesh of meshes) {
      const influences = mesh.morphTargetInfluences ?? [];
      influences.fill(0);
      for (const [name, morph] of Object.entries(mesh.morphTargetDictionary ?? {})) {
        const value = this.names.indexOf(name);
        if (value >= 0) this.#slots.push({ influences, morph, value });
      }
    }
  }

  /** A weighted sum over applied weights, to be read with `total`. Names that the model lacks count nothing. */
  sum(of: Readonly<Record<string, number>>): Sum {
    const known = Object.entries(of).filter(([name]) => this.names.includes(name));
    return {
      index: Uint16Array.from(known, ([name]) => this.names.indexOf(name)),
      gain: Float32Array.from(known, ([, gain]) => gain),
    };
  }

  total(sum: Sum): number {
    let x = 0;
    for (let k = 0; k < sum.index.length; k++) {
      x += (this.values[sum.index[k] as number] as number) * (sum.gain[k] as number);
    }
    return clamp(x, 0, 1);
  }

  apply(pose: Pose): void {
    const { values } = this;
    for (let v = 0; v < this.#drives.length; v++) {
      const { index, gain } = this.#drives[v] as Sum;
      let x = 0;
      for (let k = 0; k < index.length; k++) x += (pose[index[k] as number] as number) * (gain[k] as number);
      values[v] = clamp(x, 0, 1);
    }
    for (let c = 0; c < this.#correctives.length; c++) {
      const { value, of } = this.#correctives[c] as { value: number; of: readonly Sum[] };
      let x = 1;
      for (let k = 0; k < of.length; k++) x *= this.total(of[k] as Sum);
      values[value] = x;
    }
    for (let s = 0; s < this.#slots.length; s++) {
      const slot = this.#slots[s] as Slot;
      slot.influences[slot.morph] = values[slot.value] as number;
    }
  }
}

export type { Sum };
