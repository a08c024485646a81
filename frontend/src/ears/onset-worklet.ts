// Runs `Onset` in the audio thread, and turns the avatar down there: its first input is the microphone, its second what
// the avatar plays, its output how loud that may be. The page, which knows more, is told, and says how it goes on.

import { ALONE, Onset } from "./onset";

// TypeScript has no library for the scope of a worklet.
declare const sampleRate: number;
declare const currentTime: number;
declare function registerProcessor(
  name: string,
  processor: new (options: AudioWorkletNodeOptions) => AudioWorkletProcessor,
): void;
declare abstract class AudioWorkletProcessor {
  readonly port: MessagePort;
  abstract process(inputs: Float32Array[][], outputs: Float32Array[][]): boolean;
}

/** Seconds of the ramp, so that it does not click. */
const RAMP = 0.005;

class Listener extends AudioWorkletProcessor {
  readonly #onset = new Onset(sampleRate);
  readonly #ducked: number;
  #told = false;
  #until = 0;
  #level = 1;

  constructor(options: AudioWorkletNodeOptions) {
    super();
    this.#ducked = options.processorOptions.ducked;
    this.port.onmessage = ({ data }: MessageEvent<boolean>) => {
      this.#told = data;
      this.#until = 0;
    };
  }

  process([heard, played]: Float32Array[][], [levels]: Float32Array[][]): boolean {
    if (heard?.[0] !== undefined && this.#onset.block(heard[0], played?.[0])) {
      this.#until = currentTime + ALONE;
      this.port.postMessage(currentTime);
    }
    const wanted = this.#told || currentTime < this.#until ? this.#ducked : 1;
    const level = levels?.[0];
    if (level === undefined) return true;
    const keep = Math.exp(-1 / (RAMP * sampleRate));
    for (let i = 0; i < level.length; i++) {
      this.#level = wanted + (this.#level - wanted) * keep;
      level[i] = this.#level;
    }
    return true;
  }
}

registerProcessor("onset", Listener);
