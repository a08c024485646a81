// A conversation over the socket as a pure reducer: events in, effects out. `socket.ts` is its shell.

import type { SoundFrame } from "./voice/frame";
import type { FromClient, FromServer, Heard, Hello, Interrupt, Ready } from "./wire";

export const PROTOCOL = 1;

/** What the person has chosen that the server must know. */
export type Wishes = Required<Pick<Hello, "language" | "voice" | "sound">>;

/**
 * off: not started. connecting: the socket opens, or waits for `ready`. open: talking. waiting: a new attempt
 * will be made. refused: the server does not want this client, only the person can try again.
 */
export type Link = "off" | "connecting" | "open" | "waiting" | "refused";

export interface State {
  readonly link: Link;
  /** The token of the session to resume and the last number that arrived of it. */
  readonly token: string;
  readonly seq: number;
  /** Attempts since the last `ready`. */
  readonly tries: number;
  /** Whether a `ready` ever came to this page: the avatar greets only once. */
  readonly met: boolean;
  /** The turn that is going on, 0 before the first. */
  readonly turn: number;
  /** Turns up to this one were cut off: what still comes of them is stale. */
  readonly cut: number;
  /** The person cut in while there was no connection; told when the session resumes. */
  readonly owed: Interrupt | null;
  /** Typed while there was no connection. */
  readonly unsent: readonly string[];
  /** Whether anything arrived since the last beat. */
  readonly alive: boolean;
  readonly ready: Ready | null;
  readonly wishes: Wishes;
}

export type Event =
  | { type: "start" }
  | { type: "opened" }
  | { type: "message"; message: FromServer }
  | { type: "frame"; frame: SoundFrame }
  /** `random` in 0..1 spreads the attempts of many clients of a server that restarts. */
  | { type: "closed"; random: number }
  /** The waiting is over, or the network is back. */
  | { type: "retry" }
  /** The shell's slow pulse. */
  | { type: "beat"; now: number }
  | { type: "say"; text: string }
  | { type: "hear"; heard: Heard }
  /** The server shall listen itself. */
  | { type: "listen" }
  /** The person cut in; `line` and `ms` are what was really heard of the turn. */
  | { type: "cut"; line: number; ms: number }
  | { type: "played"; turn: number; line: number; ms: number }
  | { type: "wish"; wishes: Wishes };

export type Effect =
  | { do: "connect" }
  | { do: "wait"; ms: number }
  | { do: "send"; message: FromClient }
  | { do: "deliver"; message: FromServer }
  | { do: "sound"; frame: SoundFrame }
  | { do: "hangUp" };

export interface Step {
  readonly state: State;
  readonly effects: readonly Effect[];
}

/** Milliseconds: the first wait, and the longest. */
const FIRST_WAIT = 250;
const LONGEST_WAIT = 15_000;
/** Messages kept while there is no connection. */
const UNSENT = 4;

export function begin(wishes: Wishes, token = "", seq = 0): State {
  return {
    link: "off",
    token,
    seq,
    tries: 0,
    met: false,
    turn: 0,
    cut: 0,
    owed: null,
    unsent: [],
    alive: true,
    ready: null,
    wishes,
  };
}

export function step(state: State, event: Event): Step {
  switch (event.type) {
    case "start":
    case "retry":
      if (state.link === "open" || state.link === "connecting") return same(state);
      return { state: { ...state, link: "connecting" }, effects: [{ do: "connect" }] };
    case "opened":
      return { state: { ...state, alive: true }, effects: [send(hello(state))] };
    case "message":
      return onMessage({ ...state, alive: true }, event.message);
    case "frame":
      return onFrame({ ...state, alive: true }, event.frame);
    case "closed":
      return onClosed(state, event.random);
    case "beat":
      return onBeat(state, event.now);
    case "say":
      return onSay(state, event.text);
    case "hear":
      if (state.link !== "open") return same(state);
      return {
        state,
        effects: [send(event.heard)],
      };
    case "listen":
      return state.link === "open" ? { state, effects: [send({ type: "listen" })] } : same(state);
    case "cut":
      return onCut(state, event.line, event.ms);
    case "played":
      if (state.link !== "open") return same(state);
      return {
        state,
        effects: [
          send({
            type: "playback",
            turn: event.turn,
            line: event.line,
            played_ms: event.ms,
            seq: state.seq,
          }),
        ],
      };
    case "wish":
      return onWish(state, event.wishes);
  }
}

const same = (state: State): Step => ({ state, effects: [] });
const send = (message: FromClient): Effect => ({ do: "send", message });

function hello(state: State): Hello {
  return {
    type: "hello",
    protocol: PROTOCOL,
    resume: state.token ? { token: state.token, seq: state.seq } : null,
    ...state.wishes,
    greet: !state.met,
  };
}

function onMessage(state: State, message: FromServer): Step {
  const deliver: Effect = { do: "deliver", message };
  if (message.type === "ready") return onReady(state, message);
  // After a resume the server repeats what was not acknowledged; numbers tell what has arrived already.
  if (message.seq !== 0 && message.seq <= state.seq) return same(state);
  const next = { ...state, seq: Math.max(state.seq, message.seq) };
  switch (message.type) {
    case "pong":
      return same(next);
    case "error":
      if (!message.fatal) return { state: next, effects: [deliver] };
      return { state: { ...next, link: message.retryable ? next.link : "refused" }, effects: [deliver] };
    case "notice":
    case "ears":
    case "transcript":
    case "cancelled":
    case "turn_ended":
      return { state: next, effects: [deliver] };
    case "turn_started":
      return { state: { ...next, turn: Math.max(next.turn, message.turn) }, effects: [deliver] };
    default:
      return { state: next, effects: stale(next, message.turn) ? [] : [deliver] };
  }
}

function onReady(state: State, message: Ready): Step {
  const fresh = !message.resumed;
  const next: State = {
    ...state,
    link: "open",
    token: message.resume,
    tries: 0,
    met: true,
    ready: message,
    owed: null,
    unsent: [],
    // A new session counts its messages and turns from the start.
    ...(fresh ? { seq: message.seq, turn: 0, cut: 0 } : {}),
  };
  const owed = state.owed !== null && !fresh ? [send(state.owed)] : [];
  const unsent = state.unsent.map((text): Effect => send({ type: "typed", text }));
  return { state: next, effects: [{ do: "deliver", message }, ...owed, ...unsent] };
}

function onFrame(state: State, frame: SoundFrame): Step {
  if (frame.seq !== 0 && frame.seq <= state.seq) return same(state);
  const next = { ...state, seq: Math.max(state.seq, frame.seq) };
  return { state: next, effects: stale(next, frame.turn) ? [] : [{ do: "sound", frame }] };
}

function stale(state: State, turn: number): boolean {
  return turn <= state.cut || turn < state.turn;
}

function onClosed(state: State, random: number): Step {
  if (state.link === "off" || state.link === "refused") return same(state);
  const longest = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** state.tries);
  const ms = Math.round(longest * (0.5 + random / 2));
  return { state: { ...state, link: "waiting", tries: state.tries + 1 }, effects: [{ do: "wait", ms }] };
}

function onBeat(state: State, now: number): Step {
  if (state.link !== "open" && state.link !== "connecting") return same(state);
  // A socket that says nothing for a whole beat, not even `pong`, is dead although the system calls it open.
  if (!state.alive) return { state, effects: [{ do: "hangUp" }] };
  const ping = state.link === "open" ? [send({ type: "ping", t: now, seq: state.seq })] : [];
  return { state: { ...state, alive: false }, effects: ping };
}

function onSay(state: State, text: string): Step {
  const words = text.trim().slice(0, state.ready?.limits.text_chars);
  if (words === "") return same(state);
  if (state.link === "open") return { state, effects: [send({ type: "typed", text: words })] };
  return { state: { ...state, unsent: [...state.unsent, words].slice(-UNSENT) }, effects: [] };
}

function onCut(state: State, line: number, ms: number): Step {
  if (state.turn <= state.cut) return same(state);
  const interrupt: Interrupt = { type: "interrupt", turn: state.turn, line, played_ms: ms };
  if (state.link !== "open") return same({ ...state, cut: state.turn, owed: interrupt });
  return { state: { ...state, cut: state.turn }, effects: [send(interrupt)] };
}

function onWish(state: State, wishes: Wishes): Step {
  const next = { ...state, wishes };
  // Wishes are told in `hello`: the connection is made again, the session goes on.
  return { state: next, effects: state.link === "open" ? [{ do: "hangUp" }] : [] };
}
