// Cuts the microphone's frames into stretches of speech, by the detector's probabilities. Pure, so that it is tested
// without a microphone.

/** Probability above which a frame is a voice, and below which a voice is over: Silero's own 0.5 and 0.15 less. */
const VOICE = 0.5;
const QUIET = 0.35;
/** Frames (32 ms each): kept from before the voice, of quiet that end a stretch, and of voice that make a word. */
const BEFORE = 10;
const AFTER = 12;
const WORD = 3;
export const FRAME_MS = 32;

export type Cut =
  /** A voice sounds: this very frame. It may be a cough. */
  | { do: "voice"; sounds: boolean }
  | { do: "send"; stretch: number; frames: readonly Float32Array[]; last: boolean };

export class Stretches {
  #before: Float32Array[] = [];
  #voiced = 0;
  #quiet = 0;
  #speaking = false;
  #sending = false;
  #stretch = 0;

  get speaking(): boolean {
    return this.#speaking;
  }

  /** Milliseconds since the last voiced frame. */
  get quietMs(): number {
    return this.#quiet * FRAME_MS;
  }

  /** One frame of 512 samples at 16 kHz, and how likely it is a voice. */
  frame(samples: Float32Array, probability: number): Cut[] {
    const cuts: Cut[] = [];
    if (probability >= VOICE) {
      this.#quiet = 0;
      this.#voiced++;
      if (!this.#speaking) cuts.push({ do: "voice", sounds: true });
      this.#speaking = true;
    } else if (probability < QUIET) this.#quiet++;
    this.#before.push(samples);
    const over = this.#speaking && this.#quiet >= AFTER;
    if (this.#speaking && !this.#sending && this.#voiced >= WORD) {
      this.#sending = true;
      this.#stretch++;
    }
    if (this.#sending) {
      cuts.push({ do: "send", stretch: this.#stretch, frames: this.#before, last: over });
      this.#before = [];
    }
    if (over) cuts.push(...this.#end());
    if (!this.#speaking && this.#before.length > BEFORE) this.#before.shift();
    return cuts;
  }

  /** The microphone is closed. */
  close(): Cut[] {
    const last: Cut = { do: "send", stretch: this.#stretch, frames: this.#before, last: true };
    const cuts = this.#sending ? [last] : [];
    return this.#speaking ? [...cuts, ...this.#end()] : cuts;
  }

  #end(): Cut[] {
    this.#speaking = this.#sending = false;
    this.#voiced = 0;
    this.#before = this.#before.slice(-BEFORE);
    return [{ do: "voice", sounds: false }];
  }
}

/** A binary frame of the socket (backend/wire.py, HEADER) with this sound: int16, 16 kHz. */
export function pack(
  stretch: number,
  chunk: number,
  frames: readonly Float32Array[],
  last: boolean,
): ArrayBuffer {
  const length = frames.reduce((sum, one) => sum + one.length, 0);
  const bytes = new ArrayBuffer(16 + length * 2);
  const view = new DataView(bytes);
  view.setUint8(0, 1);
  view.setUint8(1, 2);
  view.setUint8(2, last ? 1 : 0);
  view.setUint32(8, stretch, true);
  view.setUint16(14, chunk & 0xffff, true);
  let at = 16;
  for (const frame of frames) {
    for (const sample of frame) {
      view.setInt16(at, Math.max(-1, Math.min(1, sample)) * 32_767, true);
      at += 2;
    }
  }
  return bytes;
}
