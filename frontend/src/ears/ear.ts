// What turns sound into words: the browser's recogniser, or the server's.

import type { Piece } from "./listening";

export interface EarEvents {
  started(): void;
  heard(pieces: readonly Piece[]): void;
  /** A voice begins or ends to sound, whosever it is and whatever it says. */
  voice(sounds: boolean): void;
  error(code: string): void;
  ended(): void;
}

export interface Ear {
  /** Whether the person speaks at this moment, or null where the ear cannot tell. */
  readonly speaking: boolean | null;
  /** Milliseconds since their last sound, where the ear can tell. */
  readonly quietMs: number;
  start(language: string): void;
  stop(): void;
}
