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
  /** Final words of a held utterance, and the words that are still changing. */
  readonly settled: string;
  readonly interim: string;
  readonly revision: number;
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
  /** The wait before a restart is over. */
  | { type: "again" };

export type Effect =
  | { do: "start" }
  | { do: "stop" }
  | { do: "wait"; ms: number }
  | { do: "words"; text: string; final: boolean; revision: number }
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
    if (!piece.final) next = { ...next, interim: join(next.interim, piece.text) };
    else if (collecting(next)) next = { ...next, settled: join(next.settled, piece.text) };
    else next = say(next, piece.text, true, effects);
  }
  const open = join(next.settled, next.interim);
  if (open !== "") next = say(next, open, false, effects);
  return { state: next, effects };
}

// While held, and after letting go until the recogniser has ended, all is one utterance.
function collecting(state: State): boolean {
  return state.want === "held" || state.settled !== "" || state.want === "off";
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
  const goesOn = state.want === "held";
  let next: State = { ...state, settled: goesOn ? left : "", interim: "" };
  if (!goesOn && left !== "") next = say(next, left, true, effects);
  if (next.want === "off") return { state: next, effects };
  const ms = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** next.failures);
  effects.push({ do: "wait", ms });
  return { state: { ...next, failures: next.failures + 1 }, effects };
}

function say(state: State, text: string, final: boolean, effects: Effect[]): State {
  const words = text.trim();
  if (words === "") return state;
  const revision = state.revision + 1;
  effects.push({ do: "words", text: words, final, revision });
  return { ...state, revision };
}

function join(a: string, b: string): string {
  return [a.trim(), b.trim()].filter(Boolean).join(" ");
}
