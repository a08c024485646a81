// One quiet line for each answer: who answered, how long each stage took, what it cost.

import { dollars } from "../costs/days";
import type { Cost, Latency } from "../wire";
import type { Exchange } from "./conversation";
import { el } from "./dom";

const STAGES: readonly (readonly [keyof Latency, string])[] = [
  ["knowledge", "Looked up"],
  ["first_token", "First word thought"],
  ["first_clause", "First clause thought"],
  ["first_voice", "First voice"],
  ["first_sound", "First sound sent"],
  ["done", "All sent"],
];

/** A disclosure, or null while there is nothing to tell. */
export function details(one: Exchange): HTMLElement | null {
  if (one.latency === null || one.cost === null || one.origin === "greeting") return null;
  return el(
    "details",
    { className: "details" },
    el("summary", {}, summary(one.latency, one.cost)),
    waterfall(one.latency),
    el("p", {}, cost(one.cost)),
  );
}

function summary(latency: Latency, cost: Cost): string {
  const by = cost.answered_by ? `Answered by ${cost.answered_by}` : "Answered";
  const first = latency.first_sound ?? latency.first_clause;
  return first === null
    ? by
    : `${by}, first ${latency.first_sound === null ? "clause" : "sound"} after ${time(first)}`;
}

function waterfall(latency: Latency): HTMLElement {
  // What one waits for is the first sound; that all was sent comes much later, and would dwarf the rest.
  const stages = STAGES.filter(([stage]) => stage !== "done");
  const longest = Math.max(1, ...stages.map(([stage]) => latency[stage] ?? 0));
  const rows = STAGES.flatMap(([stage, name]) => {
    const ms = latency[stage];
    if (ms === null) return [];
    const bar = el("span", { className: "bar-fill" });
    bar.style.inlineSize = `${Math.min(1, ms / longest) * 100}%`;
    const cell = el("dd", {}, el("span", { className: "bar-track", ariaHidden: "true" }, bar), time(ms));
    return [el("dt", {}, name), cell];
  });
  return el("dl", { className: "waterfall" }, ...rows);
}

function cost(cost: Cost): string {
  const parts = [];
  if (cost.spoken_by) parts.push(`Spoken by ${cost.spoken_by}`);
  if (cost.characters_spoken > 0) parts.push(`${cost.characters_spoken} characters`);
  const about = cost.estimated ? "about " : "";
  if (cost.prompt_tokens + cost.completion_tokens > 0) {
    parts.push(`${about}${cost.prompt_tokens} tokens read, ${about}${cost.completion_tokens} written`);
  }
  if (cost.nano > 0) parts.push(`${about}${dollars(cost.nano / 1e9)} spent`);
  if (cost.saved > 0) parts.push(`${dollars(cost.saved / 1e9)} saved`);
  if (cost.choice) parts.push(cost.choice);
  return parts.length > 0 ? `${parts.join(", ")}.` : "";
}

function time(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}
