// Runs in the audio thread: reads the queue, and tells the page what it read.

import { queueOptions, REPORT, type ToWorklet } from "./output";
import { type Mark, SoundQueue } from "./queue";

// TypeScript has no library for the scope of a worklet.
declare const sampleRate: number;
declare const currentFrame: number;
declare function registerProcessor(name: string, processor: new () => AudioWorkletProcessor): void;
declare abstract class AudioWorkletProcessor {
  readonly port: MessagePort;
  abstract process(inputs: Float32Array[][], outputs: Float32Array[][]): boolean;
}

class Speaker extends AudioWorkletProcessor {
  readonly #queue = new SoundQueue(queueOptions(sampleRate));
  #reported = 0;

  constructor() {
    super();
    this.port.onmessage = ({ data }: MessageEvent<ToWorklet>) => {
      if (data.do === "push") this.#queue.push(data.chunk);
      else this.#tell(this.#queue.drop(data.generation, currentFrame));
    };
  }

  process(_inputs: Float32Array[][], outputs: Float32Array[][]): boolean {
    const out = outputs[0]?.[0];
    if (out === undefined) return true;
    const marks = this.#queue.read(out, currentFrame);
    // Messages are not throttled in hidden tabs, as the page's timers are: these keep it going.
    const due = this.#queue.playing && currentFrame - this.#reported >= REPORT * sampleRate;
    if (marks.length > 0 || due) this.#tell(marks);
    return true;
  }

  #tell(marks: Mark[]): void {
    this.#reported = currentFrame;
    this.port.postMessage(marks);
  }
}

registerProcessor("speaker", Speaker);
