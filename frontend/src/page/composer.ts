// The field to type in: Enter sends, Shift+Enter breaks the line, and it grows with what is written.

import { byId, show } from "./dom";
import { length, lengthNote } from "./length";

export class Composer {
  readonly #words = byId<HTMLTextAreaElement>("words");
  readonly #note = byId("length");
  readonly #limit = Number(this.#words.dataset.limit);
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
      // It stays as it is, with what is wrong below it.
      if (this.#measure() > this.#limit) {
        this.#words.focus();
        return;
      }
      this.#words.value = "";
      this.#grow();
      this.#measure();
      this.typedAt = Number.NEGATIVE_INFINITY;
      say(text);
    });
    this.#words.addEventListener("input", () => {
      this.typedAt = performance.now();
      this.#grow();
      this.#measure();
    });
    this.#words.addEventListener("keydown", (event) => {
      // While an input method composes, Enter chooses a word.
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      form.requestSubmit();
    });
  }

  /** Says how much of the limit is left, once it is near. Returns the message's length. */
  #measure(): number {
    const count = length(this.#words.value.trim());
    const note = lengthNote(count, this.#limit);
    this.#note.textContent = note;
    this.#note.classList.toggle("over", count > this.#limit);
    this.#words.ariaInvalid = String(count > this.#limit);
    show(this.#note, note !== "");
    return count;
  }

  #grow(): void {
    this.#words.style.blockSize = "auto";
    this.#words.style.blockSize = `${this.#words.scrollHeight}px`;
  }
}
