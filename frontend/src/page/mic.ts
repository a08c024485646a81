// The microphone button: a click keeps listening until the next one, holding it (or Space) listens that long.

import type { State } from "../ears/listening";
import { byId } from "./dom";

/** Milliseconds after which a press is a hold. */
const HOLD = 350;

export class Mic {
  readonly #button = byId<HTMLButtonElement>("mic");
  #want: State["want"] = "off";
  #timer: ReturnType<typeof setTimeout> | undefined;
  #wasHeld = false;

  constructor(private readonly listen: (want: State["want"]) => void) {
    const button = this.#button;
    button.addEventListener("pointerdown", (event) => {
      this.#wasHeld = false;
      if (event.button !== 0 || this.#want !== "off") return;
      this.#timer = setTimeout(() => {
        this.#wasHeld = true;
        listen("held");
      }, HOLD);
    });
    for (const type of ["pointerup", "pointercancel", "pointerleave"] as const) {
      button.addEventListener(type, () => this.#release());
    }
    button.addEventListener("click", () => {
      if (this.#wasHeld) this.#wasHeld = false;
      else this.listen(this.#want === "off" ? "free" : "off");
    });
    // A long press on a touch screen would open a menu instead.
    button.addEventListener("contextmenu", (event) => event.preventDefault());
    this.#space();
  }

  /** Shows what the ears do. */
  show(state: State): void {
    this.#want = state.want;
    const on = state.want !== "off";
    this.#button.ariaPressed = String(on);
    this.#button.dataset.state = on ? (state.engine === "on" ? "on" : "starting") : "off";
  }

  #release(): void {
    clearTimeout(this.#timer);
    if (this.#want === "held") this.listen("off");
  }

  #space(): void {
    addEventListener("keydown", (event) => {
      if (event.code !== "Space" || event.repeat || !free(event)) return;
      event.preventDefault();
      if (this.#want === "off") this.listen("held");
    });
    addEventListener("keyup", (event) => {
      if (event.code === "Space") this.#release();
    });
    addEventListener("blur", () => this.#release());
  }
}

// Space means something else in a field, on a button, and in a dialog.
function free(event: KeyboardEvent): boolean {
  const target = event.target as HTMLElement;
  const busy = target.closest("input, textarea, select, button, a[href], summary, dialog, ol[tabindex]");
  return busy === null && !event.ctrlKey && !event.altKey && !event.metaKey;
}
