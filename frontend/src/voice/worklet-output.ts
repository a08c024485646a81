// Sound through Web Audio.

import { ALONE } from "../ears/onset";
import onsetUrl from "../ears/onset-worklet.ts?worker&url";
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
  #onset: AudioWorkletNode | null = null;
  /** When it was last turned down, by the context's time. */
  quieterAt = 0;

  private constructor(
    readonly context: AudioContext,
    private readonly node: AudioWorkletNode,
    private readonly gain: GainNode,
    /** Turned down for someone near the microphone. */
    private readonly near: GainNode,
  ) {
    node.port.onmessage = ({ data }: MessageEvent<Mark[]>) => this.onmarks(data);
  }

  /** Rejects where the browser has no Web Audio or no worklets. */
  static async open(): Promise<WorkletOutput> {
    const context = makeContext();
    await context.audioWorklet.addModule(workletUrl);
    const node = new AudioWorkletNode(context, "speaker", { numberOfInputs: 0, outputChannelCount: [1] });
    const gain = new GainNode(context);
    const near = new GainNode(context);
    node.connect(near).connect(gain).connect(context.destination);
    return new WorkletOutput(context, node, gain, near);
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
    const { currentTime } = this.context;
    // What the audio thread has turned down by itself is only confirmed.
    if (ducked && !this.#ducked && currentTime - this.quieterAt > ALONE) this.quieterAt = currentTime;
    this.#ducked = ducked;
    this.#level();
  }

  #level(): void {
    const ducked = this.#ducked && this.#onset === null;
    this.#onset?.port.postMessage(this.#ducked);
    // A ramp of a few milliseconds, so that it does not click.
    this.gain.gain.setTargetAtTime(this.#muted ? 0 : ducked ? DUCKED : 1, this.context.currentTime, 0.005);
  }

  /**
   * Turns itself down, and calls `begins`, when a sound begins in `microphone` that is not this output's. Returns what
   * ends it.
   */
  async watch(microphone: MediaStream, begins: () => void): Promise<() => void> {
    const { context } = this;
    await context.audioWorklet.addModule(onsetUrl);
    const source = context.createMediaStreamSource(microphone);
    const onset = new AudioWorkletNode(context, "onset", {
      numberOfInputs: 2,
      outputChannelCount: [1],
      processorOptions: { ducked: DUCKED },
    });
    onset.port.onmessage = ({ data }: MessageEvent<number>) => {
      this.quieterAt = data;
      begins();
    };
    source.connect(onset, 0, 0);
    this.node.connect(onset, 0, 1);
    // From now on the audio thread says how loud it is.
    this.near.gain.value = 0;
    onset.connect(this.near.gain);
    this.#onset = onset;
    this.#level();
    return () => {
      this.#onset = null;
      source.disconnect();
      this.node.disconnect(onset);
      onset.disconnect();
      onset.port.close();
      this.near.gain.value = 1;
      this.#level();
    };
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
