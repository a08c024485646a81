// Chance that can be repeated: the same seed gives the same life, which is what the tests and the soak need.

/** mulberry32 (Tommy Ettinger, public domain): small, quick, and good enough for eyelids. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** Uniform in 0..1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let x = this.#state;
    x = Math.imul(x ^ (x >>> 15), x | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return ((x ^ (x >>> 14)) >>> 0) / 4294967296;
  }

  between(low: number, high: number): number {
    return low + (high - low) * this.next();
  }

  /** Roughly normal (sum of four uniforms), mean 0, deviation 1. */
  normal(): number {
    return (this.next() + this.next() + this.next() + this.next() - 2) * Math.sqrt(3);
  }

  /** Waiting times: log-normal with this median; `spread` is the deviation of the logarithm. */
  wait(median: number, spread: number): number {
    return median * Math.exp(spread * this.normal());
  }
}

function hash(n: number, seed: number): number {
  let x = Math.imul(n ^ Math.imul(seed, 0x9e3779b1), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return (x ^ (x >>> 16)) / 2147483648;
}

/**
 * Gradient noise over time, about -1..1, with as many different seconds as there are 32-bit integers: unlike a
 * sum of sines it never comes round again.
 */
export function noise(t: number, seed: number): number {
  const n = Math.floor(t);
  const u = t - n;
  const s = u * u * u * (10 + u * (6 * u - 15));
  const a = hash(n, seed) * u;
  const b = hash(n + 1, seed) * (u - 1);
  return (a + (b - a) * s) * 2;
}
