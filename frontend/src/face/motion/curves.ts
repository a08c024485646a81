// Curves that several parts share. All are pure; the springs are exact solutions, so any step gives the same path.

export const clamp = (x: number, low: number, high: number): number => Math.min(high, Math.max(low, x));

/** The minimum-jerk path of a human movement from 0 to 1 (Flash & Hogan 1985). */
export function ease(x: number): number {
  const u = clamp(x, 0, 1);
  return Math.min(1, u * u * u * (10 + u * (6 * u - 15)));
}

/** Up in `rise` seconds, stays `hold`, comes back in `fall`; 0 outside. */
export function bump(t: number, rise: number, hold: number, fall: number): number {
  if (t <= 0 || t >= rise + hold + fall) return 0;
  if (t < rise) return ease(t / rise);
  return t < rise + hold ? 1 : 1 - ease((t - rise - hold) / fall);
}

/** A critically damped spring, stepped by its closed form. */
export class Spring {
  value = 0;
  speed = 0;

  /** Moves towards `target` for `dt` seconds; `omega` in rad/s (about 4.7 / omega seconds to 95 %). */
  step(target: number, omega: number, dt: number): void {
    const decay = Math.exp(-omega * dt);
    const offset = this.value - target;
    const slope = this.speed + omega * offset;
    this.value = target + (offset + slope * dt) * decay;
    this.speed = (this.speed - omega * slope * dt) * decay;
  }

  jump(value: number): void {
    this.value = value;
    this.speed = 0;
  }
}
