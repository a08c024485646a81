// Where an answer stands: chips, and the passage behind each.

import type { Source } from "../wire";
import { byId, el, show } from "./dom";

/** Fills `list` with a chip for each source; hides it when there is none. */
export function chips(list: HTMLElement, sources: readonly Source[]): void {
  list.replaceChildren(...sources.map((source) => el("li", {}, chip(source))));
  show(list, sources.length > 0);
}

/** The sources that `answer` names by their numbers; all, where it names none. */
export function cited(answer: string, sources: readonly Source[]): readonly Source[] {
  const numbers = new Set(
    [...answer.matchAll(/\[([\d,\s]+)\]/g)].flatMap((match) => match[1]?.split(",").map(Number)),
  );
  const named = sources.filter((source) => numbers.has(source.number));
  return named.length > 0 ? named : sources;
}

function chip(source: Source): HTMLButtonElement {
  const button = el("button", { type: "button", className: "chip" });
  button.append(el("span", { className: "number" }, String(source.number)), label(source));
  button.ariaHasPopup = "dialog";
  button.addEventListener("click", () => open(source));
  return button;
}

const label = (source: Source): string => source.heading || source.title || source.source;

function open(source: Source): void {
  byId("passage-title").textContent = label(source);
  byId("passage-where").textContent = [source.title, source.source].filter(Boolean).join(" · ");
  byId("passage-text").textContent = source.text;
  byId<HTMLDialogElement>("passage").showModal();
}
