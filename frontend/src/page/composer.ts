// The field to type in: Enter sends, Shift+Enter breaks the line, and it grows with what is written.

import { byId } from "./dom";

export class Composer {
  readonly #words = byId<HTMLTextAreaElement>("words");
  /** When something was typed last, in milliseconds of performance.now(). */
  typedAt = Number.NEGATIVE_INFINITY;

  constructor(say: (text: string) => void) {
    // Whoever just begins to type means this field. (Space is for talking.)
    addEventListener("keydown", (event) => {
      const plain =
        event.key.length === 1 && event.key !== " " && !event.ctrlKey && !event.metaKey && !event.altKey;
      if (plain && event.target === document.body) this.#words.focus();
    });
    const form = byId<HTMLFormElement>("composer");
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const text = this.#words.value.trim();
      if (text === "") {
        this.#words.focus();
        return;
      }
      this.#words.value = "";
      this.#grow();
      this.typedAt = Number.NEGATIVE_INFINITY;
      say(text);
    });
    this.#words.addEventListener("input", () => {
      this.typedAt = performance.now();
      this.#grow();
    });
    this.#words.addEventListener("keydown", (event) => {
      // While an input method composes, Enter chooses a word.
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      form.requestSubmit();
    });
  }

  #grow(): void {
    this.#words.style.blockSize = "auto";
    this.#words.style.blockSize = `${this.#words.scrollHeight}px`;
  }
}
