// Which sample of which line was, is or will be heard at a frame of the output's clock. Built from the marks that
// the queue sends as it renders, which is a little before the sound leaves the speaker.

import type { Mark } from "./queue";

export interface Place {
  readonly line: number;
  /** Samples into the line's sound. */
  readonly offset: number;
}

interface Span extends Place {
  readonly start: number;
  end: number;
}

/** Spans that ended are only asked for by a clock that runs a little late; more than a few are never needed. */
const KEPT = 64;

export class Timeline {
  #spans: Span[] = [];

  mark(mark: Mark): void {
    const open = this.#spans.at(-1);
    if (open !== undefined && open.end > mark.frame) open.end = mark.frame;
    if (mark.kind !== "begin") return;
    this.#spans.push({
      line: mark.line,
      offset: mark.offset,
      start: mark.frame,
      end: Number.POSITIVE_INFINITY,
    });
    if (this.#spans.length > KEPT) this.#spans.shift();
  }

  /** What is heard at `frame`; null in silence. */
  at(frame: number): Place | null {
    const span = this.#spans.findLast((one) => one.start <= frame);
    if (span === undefined || frame >= span.end) return null;
    return { line: span.line, offset: span.offset + frame - span.start };
  }

  /** The last sample that had been heard by `frame`, also when all is silent now; null before the first. */
  reached(frame: number): Place | null {
    const span = this.#spans.findLast((one) => one.start <= frame);
    if (span === undefined) return null;
    return { line: span.line, offset: span.offset + Math.min(frame, span.end) - span.start };
  }

  clear(): void {
    this.#spans = [];
  }
}
