// The sound waiting to be played, as the worklet reads it: chunks in, one unbroken stream of samples out, and a
// mark for everything the page must know about when it happened. No browser in here, so it is tested without one.

/** A piece of a line. `generation` grows with every cut, so that marks of sound that was dropped are recognised. */
export interface Chunk {
  readonly generation: number;
  /** The player's own number of the line, not the protocol's: unique over turns and sessions. */
  readonly line: number;
  readonly samples: Float32Array;
  readonly last: boolean;
}

/** What happened at `frame` of the output's clock. `offset` is the sample of the line that sounds there. */
export type Mark =
  | { kind: "begin"; generation: number; frame: number; line: number; offset: number }
  | { kind: "end"; generation: number; frame: number; line: number }
  /** Nothing sounds any more: dry because of a slow network (`starved`), or because all was said. */
  | { kind: "stop"; generation: number; frame: number; starved: boolean };

export interface QueueOptions {
  /** Frames that must lie ready before silence turns into sound. */
  readonly lead: number;
  /** Frames over which sound that is cut off fades. */
  readonly fade: number;
  /** Frames held at most; what comes beyond is refused. */
  readonly limit: number;
}

export class SoundQueue {
  #chunks: Chunk[] = [];
  #read = 0;
  #held = 0;
  #line = -1;
  #offset = 0;
  #midLine = false;
  #playing = false;
  #need: number;
  #tail: Float32Array = new Float32Array(0);
  #tailRead = 0;
  #level = 0;
  #generation = 0;

  constructor(private readonly options: QueueOptions) {
    this.#need = options.lead;
  }

  get playing(): boolean {
    return this.#playing;
  }

  get held(): number {
    return this.#held;
  }

  /** False when the chunk had to be refused: too much is waiting, or it belongs to sound that was cut. */
  push(chunk: Chunk): boolean {
    if (chunk.generation < this.#generation || this.#held + chunk.samples.length > this.options.limit)
      return false;
    this.#generation = chunk.generation;
    this.#chunks.push(chunk);
    this.#held += chunk.samples.length;
    return true;
  }

  /** Drops all that is older than `generation`; what is sounding fades away. */
  drop(generation: number, frame: number): Mark[] {
    const wasPlaying = this.#playing;
    if (wasPlaying) {
      this.#tail = this.#faded();
      this.#tailRead = 0;
    }
    this.#chunks = [];
    this.#read = 0;
    this.#held = 0;
    this.#line = -1;
    this.#midLine = false;
    this.#playing = false;
    this.#need = this.options.lead;
    const old = this.#generation;
    this.#generation = generation;
    return wasPlaying ? [{ kind: "stop", generation: old, frame, starved: false }] : [];
  }

  /** Fills `out`, whose first sample is heard at `frame`. */
  read(out: Float32Array, frame: number): Mark[] {
    const marks: Mark[] = [];
    for (let i = 0; i < out.length; i++) {
      if (this.#tailRead < this.#tail.length) {
        out[i] = this.#tail[this.#tailRead++] as number;
        continue;
      }
      if (!this.#playing && !this.#ready()) {
        out[i] = this.#decay();
        continue;
      }
      out[i] = this.#advance(frame + i, marks);
    }
    return marks;
  }

  // A line whose last chunk lies here needs no lead: nothing more of it will come.
  #ready(): boolean {
    return this.#held >= this.#need || this.#chunks.some((chunk) => chunk.last);
  }

  #advance(frame: number, marks: Mark[]): number {
    this.#settle(frame, marks);
    const head = this.#chunks[0];
    if (head === undefined) {
      this.#stop(frame, marks);
      return this.#decay();
    }
    if (!this.#playing || head.line !== this.#line) this.#begin(head, frame, marks);
    this.#level = head.samples[this.#read++] as number;
    this.#held--;
    this.#offset++;
    this.#settle(frame + 1, marks);
    return this.#level;
  }

  // Steps over chunks that have been read, so that the head, if any, holds the next sample.
  #settle(frame: number, marks: Mark[]): void {
    for (let head = this.#chunks[0]; head !== undefined; head = this.#chunks[0]) {
      if (this.#read < head.samples.length) return;
      // An empty last chunk may be all that its line has.
      if (head.last && head.line !== this.#line) this.#begin(head, frame, marks);
      if (head.last) this.#end(frame, marks);
      this.#chunks.shift();
      this.#read = 0;
    }
  }

  #begin(head: Chunk, frame: number, marks: Mark[]): void {
    if (head.line !== this.#line) {
      if (this.#midLine) this.#end(frame, marks);
      this.#line = head.line;
      this.#offset = 0;
    }
    this.#midLine = true;
    this.#playing = true;
    const { generation, line } = head;
    marks.push({ kind: "begin", generation, frame, line, offset: this.#offset });
  }

  #end(frame: number, marks: Mark[]): void {
    this.#midLine = false;
    marks.push({ kind: "end", generation: this.#generation, frame, line: this.#line });
  }

  #stop(frame: number, marks: Mark[]): void {
    this.#playing = false;
    // After a starvation a larger cushion is wanted, or the same slow network would stutter at once again.
    this.#need = this.#midLine ? Math.min(this.#need * 2, this.options.lead * 8) : this.options.lead;
    marks.push({ kind: "stop", generation: this.#generation, frame, starved: this.#midLine });
  }

  // The next moment of the sound, sinking to silence.
  #faded(): Float32Array {
    const length = Math.min(this.options.fade, this.#held);
    const tail = new Float32Array(length);
    for (let i = 0; i < length; ) {
      const head = this.#chunks[0] as Chunk;
      if (this.#read < head.samples.length) {
        tail[i] = (head.samples[this.#read++] as number) * (1 - (i + 1) / length);
        i++;
      } else {
        this.#chunks.shift();
        this.#read = 0;
      }
    }
    this.#level = 0;
    return tail;
  }

  // Where sound breaks off unasked, the last sample sinks to zero instead of jumping there, which would click.
  #decay(): number {
    this.#level *= 0.97;
    if (Math.abs(this.#level) < 1e-5) this.#level = 0;
    return this.#level;
  }
}
