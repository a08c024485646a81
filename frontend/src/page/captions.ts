// The line that is being spoken, under the face, with the spoken word marked; and what the person said.

import type { Spoken } from "../voice/script";
import { byId, el, show } from "./dom";
import { current, starts, type Token, tokens } from "./words";

export class Captions {
  readonly #asked = byId("asked");
  readonly #caption = byId("caption");
  #line: Spoken | null = null;
  #tokens: Token[] = [];
  #spans: HTMLElement[] = [];
  #starts: number[] = [];
  #known = -1;
  #at = -1;

  /** What the person said or is still saying (`interim`); empty hides it. */
  asked(text: string, interim: boolean): void {
    this.#asked.textContent = text;
    this.#asked.classList.toggle("interim", interim);
    show(this.#asked, text !== "");
  }

  /** A line begins. Its words are only styled from here on, so that a screen reader reads it once. */
  begin(line: Spoken, language: string): void {
    if (line === this.#line) return;
    this.#line = line;
    this.#tokens = tokens(line.text);
    this.#spans = this.#tokens.map((token) => el("span", {}, token.text));
    this.#caption.lang = language;
    this.#caption.classList.remove("cut-short");
    this.#caption.replaceChildren(...this.#spans.flatMap((span, i) => (i === 0 ? [span] : [" ", span])));
    this.#known = -1;
    this.#at = -1;
  }

  progress(line: Spoken, seconds: number): void {
    if (line !== this.#line) return;
    if (line.words.length !== this.#known) {
      this.#known = line.words.length;
      this.#starts = starts(this.#tokens, line.words, line.until || line.seconds);
    }
    this.#mark(current(this.#starts, seconds));
  }

  /** The line was cut short: words that had not begun were never said, and go. */
  cut(): void {
    if (this.#line === null || this.#at >= this.#spans.length) return;
    const heard = this.#at + 1;
    this.#line = null;
    if (heard <= 0) {
      this.clear();
      return;
    }
    this.#spans.splice(heard);
    this.#mark(heard);
    let last = this.#caption.lastChild;
    while (last !== null && last !== this.#spans.at(-1)) {
      last.remove();
      last = this.#caption.lastChild;
    }
    // By style, not as text: a screen reader would read the whole line once more.
    this.#caption.classList.add("cut-short");
  }

  /** The line is over; it stays until the next one, as something to read. */
  end(line: Spoken): void {
    if (line === this.#line) this.#mark(this.#spans.length);
  }

  clear(): void {
    this.#line = null;
    this.#spans = [];
    this.#caption.classList.remove("cut-short");
    this.#caption.replaceChildren();
  }

  announce(on: boolean): void {
    this.#caption.ariaLive = on ? "polite" : "off";
  }

  #mark(index: number): void {
    if (index === this.#at) return;
    this.#at = index;
    this.#spans.forEach((span, i) => {
      span.className = i < index ? "said" : i === index ? "now" : "";
    });
  }
}
