// The shell around `session.ts`: one WebSocket at a time, timers, and what outlives a reload of the page.

import { begin, type Effect, type Event, type State, step, type Wishes } from "./session";
import { type SoundFrame, unpack } from "./voice/frame";
import type { FromServer } from "./wire";

export interface SessionEvents {
  message(message: FromServer): void;
  sound(frame: SoundFrame): void;
  changed(state: State): void;
}

/** Milliseconds between beats. Proxies close connections that are silent for 30 to 60 s. */
const BEAT = 12_000;
const KEPT = "visavis.session";

export class Session {
  state: State;
  #socket: WebSocket | null = null;
  #waiting: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly url: string,
    wishes: Wishes,
    private readonly events: SessionEvents,
  ) {
    const { token, seq } = recall();
    this.state = begin(wishes, token, seq);
  }

  start(): void {
    setInterval(() => this.dispatch({ type: "beat", now: performance.now() }), BEAT);
    addEventListener("online", () => this.dispatch({ type: "retry" }));
    // The token is only kept while nobody looks: a tab that is duplicated would copy it, and both would fight over
    // the session.
    addEventListener("pagehide", () => this.#keep());
    addEventListener("pageshow", () => recall());
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) this.#keep();
      else recall();
      if (!document.hidden && this.state.link === "waiting") this.dispatch({ type: "retry" });
    });
    this.dispatch({ type: "start" });
  }

  dispatch(event: Event): void {
    const before = this.state;
    const { state, effects } = step(before, event);
    this.state = state;
    for (const effect of effects) this.#perform(effect);
    if (state.link !== before.link || state.unsent !== before.unsent) this.events.changed(state);
  }

  /** Sound of the microphone; lost while there is no connection, as words of then would be of no use later. */
  sound(frame: ArrayBuffer): void {
    if (this.state.link === "open" && this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(frame);
  }

  /** Lets go of the connection, as a lost network would. */
  drop(): void {
    this.#lose();
  }

  #perform(effect: Effect): void {
    switch (effect.do) {
      case "connect":
        clearTimeout(this.#waiting);
        this.#connect();
        break;
      case "wait":
        clearTimeout(this.#waiting);
        this.#waiting = setTimeout(() => this.dispatch({ type: "retry" }), effect.ms);
        break;
      case "send":
        if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(effect.message));
        break;
      case "deliver":
        this.events.message(effect.message);
        break;
      case "sound":
        this.events.sound(effect.frame);
        break;
      case "hangUp":
        this.#lose();
        break;
    }
  }

  #connect(): void {
    const socket = new WebSocket(this.url);
    socket.binaryType = "arraybuffer";
    this.#socket = socket;
    socket.onopen = () => this.dispatch({ type: "opened" });
    socket.onclose = () => this.#lose(socket);
    socket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => {
      if (socket !== this.#socket) return;
      if (typeof data === "string") {
        const message = parse(data);
        if (message !== null) this.dispatch({ type: "message", message });
      } else {
        const frame = unpack(data);
        if (frame !== null) this.dispatch({ type: "frame", frame });
      }
    };
  }

  // A dead connection may take minutes to close; it is left behind at once instead.
  #lose(socket = this.#socket): void {
    if (socket === null || socket !== this.#socket) return;
    this.#socket = null;
    socket.close();
    this.dispatch({ type: "closed", random: Math.random() });
  }

  #keep(): void {
    const { token, seq } = this.state;
    try {
      sessionStorage.setItem(KEPT, JSON.stringify({ token, seq }));
    } catch {
      // Storage may be forbidden; then a reload begins a new conversation.
    }
  }
}

/** What was kept, which is forgotten with that. */
function recall(): { token: string; seq: number } {
  try {
    const kept: unknown = JSON.parse(sessionStorage.getItem(KEPT) ?? "null");
    sessionStorage.removeItem(KEPT);
    if (typeof kept === "object" && kept !== null && "token" in kept && "seq" in kept) {
      if (typeof kept.token === "string" && typeof kept.seq === "number")
        return { token: kept.token, seq: kept.seq };
    }
  } catch {
    // Forbidden or damaged: nothing to come back to.
  }
  return { token: "", seq: 0 };
}

function parse(text: string): FromServer | null {
  try {
    const message: unknown = JSON.parse(text);
    return typeof message === "object" && message !== null && "type" in message
      ? (message as FromServer)
      : null;
  } catch {
    return null;
  }
}
