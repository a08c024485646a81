// Someone makes a sound while the avatar speaks: it becomes quieter at once, stops when there are words for it, and is
// loud again when there are none. A pure reducer; `page/app.ts` is its shell.

export interface State {
  readonly ducked: boolean;
  /** Whether a voice sounds, and since when it does not (ms). */
  readonly voice: boolean;
  readonly since: number;
  /** Something sounds, and nobody knows yet whether it is a voice. */
  readonly suspected: boolean;
}

export type Event =
  /** A sound begins, whatever it is. */
  | { type: "sound"; speaking: boolean; now: number }
  | { type: "voice"; sounds: boolean; speaking: boolean; now: number }
  /** Words that are not the avatar's own echo. `murmur`: 'mm-hm' and its like. */
  | { type: "words"; count: number; murmur: boolean; settled: boolean; speaking: boolean; now: number }
  | { type: "tick"; speaking: boolean; now: number };

export type Effect = { do: "duck"; on: boolean } | { do: "cut" };

export const CALM: State = { ducked: false, voice: false, since: 0, suspected: false };

/** Words of a person's own that stop the avatar while they may still turn out to be a murmur. */
const OWN_WORDS = 2;
/** Milliseconds of quiet without words after which it was a false alarm; words may be under way for some time. */
const FALSE_ALARM = 900;
/** Milliseconds within which the detector has told a voice from another sound. */
const SUSPICION = 250;

export function step(state: State, event: Event): { state: State; effects: Effect[] } {
  const { speaking, now } = event;
  switch (event.type) {
    case "sound":
      if (!speaking || state.ducked) return same(state);
      return duck({ ...state, since: now, suspected: true }, true);
    case "voice": {
      const next = { ...state, voice: event.sounds, since: now, suspected: false };
      return event.sounds && speaking && !state.ducked ? duck(next, true) : same(next);
    }
    case "words":
      if (!speaking) return state.ducked ? duck(state, false) : same(state);
      if (event.murmur) return event.settled && state.ducked ? duck(state, false) : same(state);
      if (event.count < OWN_WORDS && !event.settled)
        return state.ducked ? same(state) : duck({ ...state, since: now }, true);
      return {
        state: { ...state, ducked: false, suspected: false },
        effects: [{ do: "cut" }, ...undo(state)],
      };
    case "tick":
      if (!state.ducked) return same(state);
      if (speaking && (state.voice || now - state.since < (state.suspected ? SUSPICION : FALSE_ALARM)))
        return same(state);
      return duck(state, false);
  }
}

const same = (state: State): { state: State; effects: Effect[] } => ({ state, effects: [] });
const undo = (state: State): Effect[] => (state.ducked ? [{ do: "duck", on: false }] : []);

function duck(state: State, on: boolean): { state: State; effects: Effect[] } {
  return { state: { ...state, ducked: on, suspected: on && state.suspected }, effects: [{ do: "duck", on }] };
}
