// Sound through Web Audio.

import { heard, read } from "./clock";
import { SOURCE_RATE } from "./frame";
import type { Output, ToWorklet } from "./output";
import type { Chunk, Mark } from "./queue";
import workletUrl from "./worklet.ts?worker&url";

/** 14 dB less: clearly in the background, and every word still understood. */
const DUCKED = 0.2;

export class WorkletOutput implements Output {
  onmarks: (marks: Mark[]) => void = () => {};
  #last = 0;
  #muted = false;
  #ducked = false;

  private constructor(
    readonly context: AudioContext,
    private readonly node: AudioWorkletNode,
    private readonly gain: GainNode,
  ) {
    node.port.onmessage = ({ data }: MessageEvent<Mark[]>) => this.onmarks(data);
  }

  /** Rejects where the browser has no Web Audio or no worklets. */
  static async open(): Promise<WorkletOutput> {
    const context = makeContext();
    await context.audioWorklet.addModule(workletUrl);
    const node = new AudioWorkletNode(context, "speaker", { numberOfInputs: 0, outputChannelCount: [1] });
    const gain = new GainNode(context);
    node.connect(gain).connect(context.destination);
    return new WorkletOutput(context, node, gain);
  }

  get rate(): number {
    return this.context.sampleRate;
  }

  /** Whether the browser waits for a tap or a key before it lets anything be heard. */
  get locked(): boolean {
    return this.context.state !== "running";
  }

  /** Sound goes on, unheard. */
  mute(muted: boolean): void {
    this.#muted = muted;
    this.#level();
  }

  /** Quieter while someone else makes a sound, so that both are heard. */
  duck(ducked: boolean): void {
    this.#ducked = ducked;
    this.#level();
  }

  #level(): void {
    // A ramp of a few milliseconds, so that it does not click.
    this.gain.gain.setTargetAtTime(
      this.#muted ? 0 : this.#ducked ? DUCKED : 1,
      this.context.currentTime,
      0.005,
    );
  }

  /** Lets `listener` hear what goes to the speaker. */
  tap(listener: AudioNode): void {
    this.gain.connect(listener);
  }

  heard(): number {
    // Estimates of the latency are revised while it plays; time must not run backwards for that.
    this.#last = Math.max(this.#last, heard(read(this.context)) * this.rate);
    return this.#last;
  }

  push(chunk: Chunk): void {
    this.#send({ do: "push", chunk }, [chunk.samples.buffer]);
  }

  drop(generation: number): void {
    this.#send({ do: "drop", generation });
  }

  #send(message: ToWorklet, transfer: Transferable[] = []): void {
    this.node.port.postMessage(message, transfer);
  }
}

function makeContext(): AudioContext {
  try {
    return new AudioContext({ sampleRate: SOURCE_RATE, latencyHint: "interactive" });
  } catch {
    // Some devices insist on their own rate; the player resamples.
    return new AudioContext({ latencyHint: "interactive" });
  }
}
