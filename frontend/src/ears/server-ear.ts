// The server's ear: the microphone is opened here, silence is cut out here, words come from the server.

import type { EarsState, Transcript } from "../wire";
import type { Ear, EarEvents } from "./ear";
import { type Cut, pack, Stretches } from "./stretches";

export interface ToServer {
  listen(): void;
  sound(frame: ArrayBuffer): void;
  /** The microphone is open; null: closed. */
  microphone(stream: MediaStream | null): void;
}

/** Frames that go up together: about a tenth of a second. */
const TOGETHER = 3;

export class ServerEar implements Ear {
  /** What the server last said about its ears. */
  state: EarsState | null = null;
  #wanted = false;
  #stretches = new Stretches();
  #chunk = 0;
  #waiting: Float32Array[] = [];
  #close: (() => void) | null = null;
  #ready: ((state: EarsState) => void) | null = null;
  /** Stretches whose words have not come yet; those of an earlier opening don't count. */
  #open = 0;
  #ended = false;
  /** The server numbers nothing: stretches go on counting over openings. */
  #offset = 0;
  #last = 0;

  constructor(
    private readonly events: EarEvents,
    private readonly server: ToServer,
  ) {}

  /** Also while words are still on their way: until then nobody knows what they said. */
  get speaking(): boolean {
    return this.#stretches.speaking || this.#open > 0;
  }

  get quietMs(): number {
    return this.#stretches.quietMs;
  }

  start(): void {
    this.#wanted = true;
    this.#ended = false;
    this.#stretches = new Stretches();
    this.#offset = this.#last;
    this.#open = 0;
    void this.#begin();
  }

  stop(): void {
    this.#wanted = false;
    this.#ready = null;
    if (this.#close === null) return;
    this.#close();
    this.#close = null;
    this.server.microphone(null);
    this.#cuts(this.#stretches.close());
    this.#ended = true;
    this.#endIfDone();
  }

  told(message: EarsState | Transcript): void {
    if (message.type === "ears") {
      this.state = message;
      this.#ready?.(message);
      return;
    }
    if (message.stretch <= this.#offset) return;
    if (message.final) this.#open--;
    this.events.heard([{ text: message.text, final: message.final }]);
    this.#endIfDone();
  }

  async #begin(): Promise<void> {
    const ready = new Promise<EarsState>((done) => {
      this.#ready = done;
    });
    this.server.listen();
    const [{ openMicrophone }, state] = await Promise.all([import("./microphone"), ready]);
    if (!this.#wanted) return this.events.ended();
    if (state.state !== "ready")
      return this.#fail(state.state === "fetching" ? "fetching" : "no-server-ears");
    try {
      const close = await openMicrophone(
        (samples, probability) => this.#cuts(this.#stretches.frame(samples, probability)),
        (stream) => this.server.microphone(stream),
      );
      if (!this.#wanted) {
        close();
        this.server.microphone(null);
        return this.events.ended();
      }
      this.#close = close;
      this.events.started();
    } catch (error) {
      this.#fail(code(error));
    }
  }

  #fail(code: string): void {
    this.#wanted = false;
    this.events.error(code);
    this.events.ended();
  }

  #cuts(cuts: readonly Cut[]): void {
    for (const cut of cuts) {
      if (cut.do === "voice") this.events.voice(cut.sounds);
      else this.#send(cut.stretch + this.#offset, cut.frames, cut.last);
    }
  }

  #send(stretch: number, frames: readonly Float32Array[], last: boolean): void {
    if (stretch !== this.#last) {
      this.#last = stretch;
      this.#chunk = 0;
      this.#open++;
    }
    this.#waiting.push(...frames);
    if (!last && this.#waiting.length < TOGETHER) return;
    this.server.sound(pack(stretch, this.#chunk++, this.#waiting, last));
    this.#waiting = [];
  }

  #endIfDone(): void {
    if (!this.#ended || this.#open > 0) return;
    this.#ended = false;
    this.events.ended();
  }
}

function code(error: unknown): string {
  const name = error instanceof DOMException ? error.name : "";
  if (name === "NotAllowedError" || name === "SecurityError") return "not-allowed";
  return name === "NotFoundError" || name === "NotReadableError" ? "audio-capture" : "detector";
}
