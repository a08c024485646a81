// The page's one loudspeaker: Web Audio where there is any, locked until a tap where the browser says so, and a
// silent stand-in that keeps captions moving.

import type { Output } from "./output";
import { SilentOutput } from "./silent-output";
import { WorkletOutput } from "./worklet-output";

/** Gestures that browsers accept for letting sound be heard. */
const GESTURES = ["pointerdown", "pointerup", "keydown", "click"] as const;

export class Speaker {
  readonly silent = new SilentOutput();
  #audible: WorkletOutput | null = null;

  #unwatch: Promise<() => void> | null = null;

  constructor(private readonly changed: () => void) {}

  /** Never rejects; `audible` tells whether there is Web Audio. */
  async open(): Promise<void> {
    try {
      this.#audible = await WorkletOutput.open();
    } catch {
      this.#audible = null;
      return;
    }
    // The context may also be taken away later (a call on a phone): then a gesture is wanted again.
    this.#audible.context.addEventListener("statechange", () => this.changed());
    for (const gesture of GESTURES)
      addEventListener(gesture, () => this.unlock(), { capture: true, passive: true });
  }

  /** Calls `begins` when a sound of somebody else's begins in `microphone`; null: nobody listens any more. */
  watch(microphone: MediaStream | null, begins: () => void): void {
    // It only makes the avatar quieter sooner: where it cannot run, the detector is there.
    this.#unwatch?.then((unwatch) => unwatch()).catch(() => {});
    this.#unwatch = (microphone && this.#audible?.watch(microphone, begins)) ?? null;
    this.#unwatch?.catch(() => {});
  }

  get audible(): WorkletOutput | null {
    return this.#audible;
  }

  /** There is sound, but the browser waits for the person. */
  get locked(): boolean {
    return this.#audible?.locked ?? false;
  }

  unlock(): void {
    if (this.#audible?.locked) this.#audible.context.resume().catch(() => {});
  }

  /** Where a turn should go whose first line has sound or not. */
  choose(hasSound: boolean): Output {
    if (this.#audible === null || (this.#audible.locked && !hasSound)) return this.silent;
    return this.#audible;
  }
}
