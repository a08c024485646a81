// The browser's speech recognition as a pure reducer: it starts and stops late, ends on its own after silence,
// repeats itself and fails in many ways. Words are never lost over that.

/** What the recogniser heard, from the first piece that changed. */
export interface Piece {
  readonly text: string;
  readonly final: boolean;
}

export interface State {
  /** off: don't listen. free: until told otherwise. held: while a key or button is held; one message at its end. */
  readonly want: "off" | "free" | "held";
  readonly engine: "off" | "starting" | "on" | "stopping";
  /** Words of the utterance that won't change any more, and those that still do. */
  readonly settled: string;
  readonly interim: string;
  readonly revision: number;
  /** Which utterance it is, from 1; and whether it has been answered or thrown away: then it ends where it settles. */
  readonly utterance: number;
  readonly done: boolean;
  /** Whether it ever understood anything: then an error may be passing. */
  readonly worked: boolean;
  /** Ends and errors since the last words. */
  readonly failures: number;
}

export type Event =
  | { type: "want"; want: State["want"] }
  | { type: "started" }
  | { type: "heard"; pieces: readonly Piece[] }
  | { type: "error"; code: string }
  | { type: "ended" }
  /** A voice begins or ends to sound: the words so far are told again, as that changes what they mean. */
  | { type: "voice" }
  /** The server took the utterance to be over, or nobody wants it. */
  | { type: "done" }
  /** The wait before a restart is over. */
  | { type: "again" };

export type Effect =
  | { do: "start" }
  | { do: "stop" }
  | { do: "wait"; ms: number }
  /** All words of the utterance so far. `settled`: none of them will change; `final`: it is over for certain. */
  | { do: "words"; text: string; final: boolean; settled: boolean; revision: number; utterance: number }
  /** It will not listen; `code` is the recogniser's. */
  | { do: "problem"; code: string };

export interface Step {
  readonly state: State;
  readonly effects: readonly Effect[];
}

export const DEAF: State = {
  want: "off",
  engine: "off",
  settled: "",
  interim: "",
  revision: 0,
  utterance: 1,
  done: false,
  worked: false,
  failures: 0,
};

/** Milliseconds before listening again; doubles while nothing is understood. */
const FIRST_WAIT = 150;
const LONGEST_WAIT = 5_000;
/** Errors in a row after which a recogniser that once worked is given up. */
const PATIENCE = 3;
/** No problem at all: silence, or our own doing. */
const HARMLESS = new Set(["no-speech", "aborted"]);

export function step(state: State, event: Event): Step {
  switch (event.type) {
    case "want":
      return onWant({ ...state, want: event.want });
    case "started":
      if (state.want === "off") return { state: { ...state, engine: "stopping" }, effects: [{ do: "stop" }] };
      return { state: { ...state, engine: "on" }, effects: [] };
    case "heard":
      return onHeard(state, event.pieces);
    case "error":
      return onError(state, event.code);
    case "ended":
      return onEnded({ ...state, engine: "off" });
    case "voice": {
      const effects: Effect[] = [];
      return { state: say(state, join(state.settled, state.interim), false, effects), effects };
    }
    case "done":
      return { state: closed({ ...state, done: true }), effects: [] };
    case "again":
      return onWant(state);
  }
}

function onWant(state: State): Step {
  if (state.want !== "off" && state.engine === "off")
    return { state: { ...state, engine: "starting" }, effects: [{ do: "start" }] };
  // While it starts it can't be stopped everywhere; `started` sees to that.
  if (state.want === "off" && state.engine === "on")
    return { state: { ...state, engine: "stopping" }, effects: [{ do: "stop" }] };
  return { state, effects: [] };
}

function onHeard(state: State, pieces: readonly Piece[]): Step {
  let next: State = { ...state, worked: true, failures: 0, interim: "" };
  const effects: Effect[] = [];
  for (const piece of pieces) {
    if (piece.final) next = { ...next, settled: join(next.settled, piece.text) };
    else next = { ...next, interim: join(next.interim, piece.text) };
  }
  next = say(next, join(next.settled, next.interim), false, effects);
  return { state: closed(next), effects };
}

// A recogniser repeats what it settles: an utterance that is done goes on until nothing of it changes any more.
function closed(state: State): State {
  if (!state.done || state.interim !== "") return state;
  return { ...state, done: false, settled: "", utterance: state.utterance + 1 };
}

function onError(state: State, code: string): Step {
  if (HARMLESS.has(code)) return { state, effects: [] };
  const failures = state.failures + 1;
  if (code === "network" && state.worked && failures < PATIENCE)
    return { state: { ...state, failures }, effects: [] };
  return { state: { ...state, failures, want: "off" }, effects: [{ do: "problem", code }] };
}

// Words that were still changing when it ended will never be called final by the recogniser: they are by us.
function onEnded(state: State): Step {
  const effects: Effect[] = [];
  const left = join(state.settled, state.interim);
  const over = state.want === "off";
  let next: State = { ...state, settled: left, interim: "" };
  if (over || (state.want === "free" && state.interim !== ""))
    next = say(next, left, over && !state.done, effects);
  next = closed(over && left !== "" ? { ...next, done: true } : next);
  if (next.want === "off") return { state: next, effects };
  const ms = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** next.failures);
  effects.push({ do: "wait", ms });
  return { state: { ...next, failures: next.failures + 1 }, effects };
}

function say(state: State, text: string, final: boolean, effects: Effect[]): State {
  const words = text.trim();
  if (words === "") return state;
  const revision = state.revision + 1;
  const settled = state.interim === "";
  effects.push({ do: "words", text: words, final, settled, revision, utterance: state.utterance });
  return { ...state, revision };
}

function join(a: string, b: string): string {
  return [a.trim(), b.trim()].filter(Boolean).join(" ");
}
