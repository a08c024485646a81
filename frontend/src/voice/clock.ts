// The one clock: which moment of the audio context is leaving the speaker now.

/** What an AudioContext tells about its time. Seconds, except `stamp.performanceTime` (milliseconds). */
export interface Readings {
  readonly currentTime: number;
  readonly baseLatency: number;
  readonly outputLatency: number;
  readonly stamp: { readonly contextTime: number; readonly performanceTime: number } | null;
  /** performance.now() */
  readonly now: number;
}

/** A time stamp that disagrees more than this with the context's own time is broken (older WebKit: other units). */
const BELIEVABLE = 1;

/**
 * Seconds of context time of the sound that is heard now. The output time stamp says it best, for it is taken at
 * the device; where it is missing or broken, the context's time less its latencies.
 */
export function heard(readings: Readings): number {
  const { currentTime, stamp, now } = readings;
  const estimate = currentTime - (readings.outputLatency || readings.baseLatency);
  if (stamp !== null && stamp.performanceTime > 0) {
    const exact = stamp.contextTime + (now - stamp.performanceTime) / 1000;
    if (Math.abs(exact - estimate) < BELIEVABLE) return Math.max(0, Math.min(exact, currentTime));
  }
  return Math.max(0, estimate);
}

/** Reads an AudioContext; properties that a browser lacks count as zero. */
export function read(context: AudioContext): Readings {
  const stamp = context.getOutputTimestamp?.();
  return {
    currentTime: context.currentTime,
    baseLatency: context.baseLatency || 0,
    outputLatency: context.outputLatency || 0,
    stamp:
      stamp?.contextTime === undefined || stamp.performanceTime === undefined
        ? null
        : { contextTime: stamp.contextTime, performanceTime: stamp.performanceTime },
    now: performance.now(),
  };
}
