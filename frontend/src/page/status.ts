// Whether the connection stands, in words, and what waits to be sent.

import type { State } from "../session";
import { byId, show } from "./dom";

const WORDS: Readonly<Record<State["link"], string>> = {
  off: "Connecting",
  connecting: "Connecting",
  open: "Connected",
  waiting: "Reconnecting",
  refused: "Disconnected",
};

export function showStatus(state: State): void {
  byId("link").dataset.state = state.link;
  byId("link-text").textContent = WORDS[state.link];
  const problem = byId("problem");
  const count = state.unsent.length;
  if (count > 0)
    problem.textContent = `Not connected. ${count === 1 ? "Your message" : `Your ${count} messages`} will be sent as soon as the connection is back.`;
  show(problem, count > 0 && state.link !== "open");
}
