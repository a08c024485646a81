// For browsers that refuse an AudioContext at 24 kHz: sound brought to the rate of the device, chunk by chunk.

/** Zero crossings of the sinc on either side; enough for speech (below -60 dB of images in its band). */
const REACH = 8;

/** One line's resampler; it keeps the last samples, so that chunks join without a seam. */
export class Resampler {
  #kept: Float32Array = new Float32Array(REACH);
  /** Position in `#kept` of the next output sample. */
  #position = REACH;
  readonly #step: number;
  readonly #cutoff: number;

  constructor(from: number, to: number) {
    this.#step = from / to;
    this.#cutoff = Math.min(1, to / from);
  }

  /** What can be made of `samples` and those before; `last` brings the rest. */
  feed(samples: Float32Array, last: boolean): Float32Array {
    const input = new Float32Array(this.#kept.length + samples.length + (last ? REACH : 0));
    input.set(this.#kept);
    input.set(samples, this.#kept.length);
    const end = input.length - REACH;
    const count = Math.max(0, Math.ceil((end - this.#position) / this.#step));
    const out = new Float32Array(count);
    for (let i = 0; i < count; i++) out[i] = this.#interpolate(input, this.#position + i * this.#step);
    this.#position += count * this.#step;
    const cut = Math.max(0, Math.floor(this.#position) - REACH);
    this.#kept = input.slice(cut, last ? end : input.length);
    this.#position -= cut;
    return out;
  }

  #interpolate(input: Float32Array, position: number): number {
    const first = Math.floor(position) - REACH + 1;
    let sum = 0;
    for (let i = first; i < first + 2 * REACH; i++) {
      const x = position - i;
      sum += (input[i] ?? 0) * sinc(x * this.#cutoff) * this.#cutoff * hann(x / REACH);
    }
    return sum;
  }
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

function hann(x: number): number {
  return Math.abs(x) >= 1 ? 0 : 0.5 + 0.5 * Math.cos(Math.PI * x);
}
