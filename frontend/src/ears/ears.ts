// The shell around `listening.ts`: one Web Speech recogniser and a timer.

import { DEAF, type Effect, type Event, type Piece, type State, step } from "./listening";

// TypeScript's library knows the results of Web Speech, but not the recogniser.
interface Recogniser extends EventTarget {
  lang: string;
  continuous: boolean;
  interimResults: boolean;
  onstart: (() => void) | null;
  onend: (() => void) | null;
  onerror: ((event: { error: string }) => void) | null;
  onresult: ((event: { resultIndex: number; results: SpeechRecognitionResultList }) => void) | null;
  start(): void;
  stop(): void;
}
type Maker = new () => Recogniser;

export interface EarsEvents {
  words(text: string, final: boolean, revision: number): void;
  problem(code: string): void;
  changed(state: State): void;
}

export class Ears {
  state: State = DEAF;
  language = "en-US";
  #recogniser: Recogniser | null = null;
  #waiting: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly events: EarsEvents) {}

  want(want: State["want"]): void {
    this.#dispatch({ type: "want", want });
  }

  #dispatch(event: Event): void {
    const before = this.state;
    const { state, effects } = step(before, event);
    this.state = state;
    for (const effect of effects) this.#perform(effect);
    if (state !== before) this.events.changed(this.state);
  }

  #perform(effect: Effect): void {
    switch (effect.do) {
      case "start":
        this.#start();
        break;
      case "stop":
        this.#recogniser?.stop();
        break;
      case "wait":
        clearTimeout(this.#waiting);
        this.#waiting = setTimeout(() => this.#dispatch({ type: "again" }), effect.ms);
        break;
      case "words":
        this.events.words(effect.text, effect.final, effect.revision);
        break;
      case "problem":
        this.events.problem(effect.code);
        break;
    }
  }

  // A new recogniser each time: some browsers never start one again that has failed.
  #start(): void {
    const scope = globalThis as { SpeechRecognition?: Maker; webkitSpeechRecognition?: Maker };
    const Recognition = scope.SpeechRecognition ?? scope.webkitSpeechRecognition;
    if (Recognition === undefined) {
      this.#fail("unsupported");
      return;
    }
    const one = new Recognition();
    this.#recogniser = one;
    one.lang = this.language;
    // Chrome on Android repeats final results when it is continuous; there it is started anew for each.
    one.continuous = !/android/i.test(navigator.userAgent);
    one.interimResults = true;
    const mine = (event: Event): void => {
      if (this.#recogniser === one) this.#dispatch(event);
    };
    one.onstart = () => mine({ type: "started" });
    one.onend = () => mine({ type: "ended" });
    one.onerror = ({ error }) => mine({ type: "error", code: error });
    one.onresult = ({ resultIndex, results }) =>
      mine({ type: "heard", pieces: pieces(results, resultIndex) });
    try {
      one.start();
    } catch {
      this.#fail("start");
    }
  }

  // Not at once: this runs inside a step.
  #fail(code: string): void {
    queueMicrotask(() => {
      this.#dispatch({ type: "error", code });
      this.#dispatch({ type: "ended" });
    });
  }
}

function pieces(results: SpeechRecognitionResultList, from: number): Piece[] {
  const out: Piece[] = [];
  for (let i = from; i < results.length; i++) {
    const result = results[i];
    out.push({ text: result?.[0]?.transcript ?? "", final: result?.isFinal ?? false });
  }
  return out;
}
