// Notices: each said once, politely, and put away by the person or by time.

import { el, icon } from "./dom";

/** Milliseconds that a notice stays: time to read it twice, longer when there is something to do. */
const STAY = 12_000;
const STAY_WITH_ACTION = 25_000;
/** At once on the screen: where they lie over the face's surroundings one, beside it three. The others wait. */
const SHOWN = 3;
const WAITING = 8;
const NARROW = "(max-aspect-ratio: 6 / 5), (max-height: 30rem)";

export class Notices {
  readonly #said = new Set<string>();
  readonly #narrow = matchMedia(NARROW);
  #waiting: { notice: HTMLElement; ms: number }[] = [];

  constructor(private readonly region: HTMLElement) {}

  /** Shows `text` unless a notice of this `code` was shown before. */
  once(code: string, text: string, action = ""): void {
    if (this.#said.has(code)) return;
    this.#said.add(code);
    this.say(text, action);
  }

  say(text: string, action = ""): void {
    const close = el("button", { type: "button", className: "tool", ariaLabel: "Put this notice away" });
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.append(document.createElementNS("http://www.w3.org/2000/svg", "use"));
    close.append(svg);
    icon(close, "close");
    const words = el("div", {}, el("p", {}, text));
    if (action) words.append(el("p", { className: "action" }, action));
    const notice = el("div", { className: "notice" }, words, close);
    close.addEventListener("click", () => this.#away(notice));
    this.#waiting.push({ notice, ms: action ? STAY_WITH_ACTION : STAY });
    this.#waiting = this.#waiting.slice(-WAITING);
    this.#next();
  }

  #next(): void {
    const room = this.#narrow.matches ? 1 : SHOWN;
    while (this.region.childElementCount < room) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      this.region.append(next.notice);
      this.#expire(next.notice, next.ms);
    }
  }

  #away(notice: HTMLElement): void {
    notice.remove();
    this.#next();
  }

  // A notice that is being read, by pointer or by focus, waits.
  #expire(notice: HTMLElement, ms: number): void {
    setTimeout(() => {
      if (!notice.isConnected) return;
      if (notice.matches(":hover, :focus-within")) this.#expire(notice, STAY / 2);
      else this.#away(notice);
    }, ms);
  }
}
