// Hears that somebody begins to make a sound, within two hundredths of a second: sooner than a detector can tell that it
// is a voice (it takes frames of 32 ms, and on the page's own thread). Runs in the audio thread, where the avatar's own
// sound is known as well: what the microphone hears of that is no news. Pure, so that it is tested without audio.

/** Seconds that it stays turned down when the page does not say anything: it may be busy, or nobody speaks. */
export const ALONE = 0.4;
/** How much more power than the quiet of the room, and than the avatar's echo, is somebody else: 9 and 6 dB. */
const OVER_ROOM = 8;
const OVER_ECHO = 4;
/** Power that is silence in any room: -54 dBFS. */
const SILENCE = 4e-6;
/** Seconds that it must last, so that a click is none; and of quiet after which the next one counts. */
const LASTS = 0.012;
const REST = 0.25;
/** Seconds in which the room's quiet is learnt (it sinks at once), and how loud the echo is: so soon forgotten that one
 * person's voice does not hide the next; and those that its own sound echoes. */
const ROOM = 4;
const ECHO_OVER = 1;
const ECHO_LASTS = 0.3;

export class Onset {
  #room = SILENCE;
  #echo = 0;
  #own = 0;
  #loud = 0;
  #quiet = REST;

  constructor(private readonly rate: number) {}

  /** A block of the microphone, and what was played meanwhile. True where a sound begins. */
  block(heard: Float32Array, played: Float32Array | undefined): boolean {
    const seconds = heard.length / this.rate;
    const power = mean(heard);
    // A room answers late: what was played a moment ago still sounds.
    this.#own = Math.max(played === undefined ? 0 : mean(played), this.#own * decay(seconds, ECHO_LASTS));
    const loud = power > Math.max(this.#room * OVER_ROOM, this.#own * this.#echo * OVER_ECHO);
    this.#learn(power, seconds);
    if (!loud) {
      this.#loud = 0;
      this.#quiet += seconds;
      return false;
    }
    this.#loud += seconds;
    if (this.#loud < LASTS) return false;
    const begins = this.#quiet >= REST;
    this.#quiet = 0;
    return begins;
  }

  #learn(power: number, seconds: number): void {
    const room = Math.max(SILENCE, power);
    this.#room = room < this.#room ? room : room + (this.#room - room) * decay(seconds, ROOM);
    if (this.#own < SILENCE) return;
    const echo = power / this.#own;
    this.#echo = echo + (this.#echo - echo) * decay(seconds, ECHO_OVER);
  }
}

const decay = (seconds: number, over: number): number => Math.exp(-seconds / over);

function mean(samples: Float32Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  return samples.length === 0 ? 0 : sum / samples.length;
}
