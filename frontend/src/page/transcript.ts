// Everything that was said, beside the face.

import type { Conversation, Exchange } from "./conversation";
import { details } from "./details";
import { byId, el, show } from "./dom";
import { chips, cited } from "./sources";

export class Transcript {
  readonly #panel = byId("transcript");
  readonly #toggle = byId("transcript-toggle");
  readonly #list = byId("exchanges");
  readonly #covers = matchMedia("(max-width: 59.99rem)");
  readonly #rows = new Map<number, { one: Exchange; row: HTMLElement }>();

  constructor() {
    const close = byId("transcript-close");
    this.#toggle.addEventListener("click", () => {
      this.open(this.#panel.hidden);
      // On a small screen it covers the button that opened it.
      if (this.isOpen && this.#covers.matches) close.focus();
    });
    close.addEventListener("click", () => this.close());
  }

  close(): void {
    this.open(false);
    this.#toggle.focus();
  }

  open(open: boolean): void {
    show(this.#panel, open);
    document.body.classList.toggle("with-transcript", open);
    this.#toggle.ariaExpanded = String(open);
    if (open) this.#end();
  }

  get isOpen(): boolean {
    return !this.#panel.hidden;
  }

  /** Brings the list up to date; only exchanges that changed are made anew. */
  show(conversation: Conversation): void {
    const atEnd = this.#list.scrollTop + this.#list.clientHeight >= this.#list.scrollHeight - 40;
    const ids = new Set(conversation.exchanges.map((one) => one.id));
    for (const [id, { row }] of this.#rows) {
      if (ids.has(id)) continue;
      row.remove();
      this.#rows.delete(id);
    }
    for (const one of conversation.exchanges) this.#row(one);
    show(byId("transcript-empty"), conversation.exchanges.length === 0);
    if (atEnd) this.#end();
  }

  #row(one: Exchange): void {
    const known = this.#rows.get(one.id);
    if (known?.one === one) return;
    const row = render(one);
    if (known === undefined) this.#list.append(row);
    else known.row.replaceWith(row);
    this.#rows.set(one.id, { one, row });
  }

  #end(): void {
    this.#list.scrollTop = this.#list.scrollHeight;
  }
}

function render(one: Exchange): HTMLElement {
  const row = el("li", { className: `exchange ${one.state}` });
  if (one.asked) row.append(said("You", "you", one.asked));
  const { text, sources } = cited(one.answer, one.sources);
  row.append(answer({ ...one, answer: text }));
  const list = el("ul", { className: "chips", ariaLabel: "Sources" });
  chips(list, sources);
  const more = details(one);
  row.append(list, ...(more === null ? [] : [more]));
  return row;
}

function answer(one: Exchange): HTMLElement {
  if (one.state === "thinking") return said("Answer", "answer", "…");
  if (one.state !== "cancelled") return said("Answer", "answer", one.answer);
  const text = said("Answer", "answer", one.heard ? `${one.heard} …` : "");
  text.append(el("span", { className: "cut" }, "interrupted"));
  return text;
}

function said(who: string, kind: string, text: string): HTMLElement {
  const label = el("span", { className: "visually-hidden" }, `${who}: `);
  return el("p", { className: `said ${kind}`, dir: "auto" }, label, text);
}
