// Where an answer stands: chips, and the passage behind each.

import type { Source } from "../wire";
import { byId, el, show } from "./dom";

/** Fills `list` with a chip for each source; hides it when there is none. */
export function chips(list: HTMLElement, sources: readonly Source[]): void {
  list.replaceChildren(...sources.map((source) => el("li", {}, chip(source))));
  show(list, sources.length > 0);
}

const MARK = /\s?\[(\d+(?:\s*,\s*\d+)*)\]/g;

export interface Cited {
  readonly text: string;
  readonly sources: readonly Source[];
}

/**
 * An answer and the sources that it names, numbered from 1 in the order in which it names them; a search numbers all
 * that it found, and most of that is never used. All sources as they are where it names none. A number that belongs
 * to no source goes, once there are any.
 */
export function cited(answer: string, sources: readonly Source[]): Cited {
  const order: number[] = [];
  const text = answer.replace(MARK, (mark: string, list: string) => {
    const named = list
      .split(",")
      .map(Number)
      .filter((number) => sources.length === 0 || sources.some((source) => source.number === number));
    for (const number of named) if (!order.includes(number)) order.push(number);
    if (named.length === 0) return "";
    const space = /^\s/.test(mark) ? " " : "";
    return `${space}[${named.map((number) => order.indexOf(number) + 1).join(", ")}]`;
  });
  if (order.length === 0) return { text, sources };
  const used = order.flatMap((number, i) => {
    const source = sources.find((one) => one.number === number);
    return source ? [{ ...source, number: i + 1 }] : [];
  });
  return { text, sources: used };
}

function chip(source: Source): HTMLButtonElement {
  const button = el("button", { type: "button", className: "chip" });
  const name = label(source);
  button.append(
    el("span", { className: "number" }, String(source.number)),
    el("span", { className: "label" }, name.split(" > ").at(-1) ?? name),
  );
  button.title = name;
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
