// The shell around `listening.ts`: an ear and a timer; and the way from the browser's ear to the server's.

import type { EarsState, Heard, Transcript } from "../wire";
import type { Ear, EarEvents } from "./ear";
import { DEAF, type Effect, type Event, type State, step } from "./listening";
import { WebSpeech } from "./recogniser";
import { ServerEar } from "./server-ear";

/** What is heard, as it goes to the server; `settled`: these words will not change any more. */
export type Words = Required<Omit<Heard, "type">> & { readonly settled: boolean };

export interface EarsEvents {
  words(words: Words): void;
  voice(sounds: boolean): void;
  problem(code: string, state?: EarsState): void;
  changed(state: State): void;
  /** To the server: that it shall listen, and what there is to hear. */
  listen(): void;
  sound(frame: ArrayBuffer): void;
  /** The microphone is open; null: closed. */
  microphone(stream: MediaStream | null): void;
}

/** Errors that mean that the browser's ear is of no use here, while the microphone may be well. */
const BROWSER_ONLY = new Set(["unsupported", "service-not-allowed", "network", "language-not-supported"]);

export class Ears {
  state: State = DEAF;
  language = "en-US";
  /** The person wants their voice to stay with the server. */
  private = false;
  /** The server's ears by name, empty where it has none. */
  server = "";
  #broken = false;
  #waiting: ReturnType<typeof setTimeout> | undefined;
  readonly #browser: Ear;
  readonly #remote: ServerEar;
  #ear: Ear;

  constructor(private readonly events: EarsEvents) {
    this.#browser = new WebSpeech(this.#listener(() => this.#browser));
    this.#remote = new ServerEar(
      this.#listener(() => this.#remote),
      events,
    );
    this.#ear = this.#browser;
  }

  want(want: State["want"]): void {
    if (this.state.engine === "off") this.#choose();
    this.#dispatch({ type: "want", want });
  }

  /** The utterance was answered, or is not wanted. */
  done(): void {
    this.#dispatch({ type: "done" });
  }

  /** What the server says about its ears, and what it heard. */
  told(message: EarsState | Transcript): void {
    this.#remote.told(message);
  }

  /** "browser" or "server": who listens, or would. */
  get who(): "browser" | "server" {
    return this.#ear === this.#remote ? "server" : "browser";
  }

  #choose(): void {
    const remote = this.private || (this.#broken && this.server !== "");
    this.#ear = remote ? this.#remote : this.#browser;
  }

  #listener(ear: () => Ear): EarEvents {
    const mine = (tell: () => void): void => {
      if (this.#ear === ear()) tell();
    };
    return {
      started: () => mine(() => this.#dispatch({ type: "started" })),
      heard: (pieces) => mine(() => this.#dispatch({ type: "heard", pieces })),
      voice: (sounds) => mine(() => this.#voice(sounds)),
      error: (code) => mine(() => this.#error(code)),
      ended: () => mine(() => this.#dispatch({ type: "ended" })),
    };
  }

  // Going on to speak keeps the server from taking the turn; falling silent lets it count the quiet.
  #voice(sounds: boolean): void {
    this.events.voice(sounds);
    if (this.#ear === this.#remote) this.#dispatch({ type: "voice" });
  }

  #error(code: string): void {
    const { want } = this.state;
    if (this.#ear !== this.#browser || !BROWSER_ONLY.has(code) || this.server === "" || want === "off") {
      this.#dispatch({ type: "error", code });
      return;
    }
    const wasPatient = step(this.state, { type: "error", code }).state.want !== "off";
    this.#dispatch({ type: "error", code: wasPatient ? code : "aborted" });
    if (wasPatient) return;
    this.#broken = true;
    this.events.problem("server-instead");
    this.#browser.stop();
    this.#ear = this.#remote;
    this.#dispatch({ type: "ended" });
    this.want(want);
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
        this.#ear.start(this.language);
        break;
      case "stop":
        this.#ear.stop();
        break;
      case "wait":
        clearTimeout(this.#waiting);
        this.#waiting = setTimeout(() => this.#dispatch({ type: "again" }), effect.ms);
        break;
      case "words": {
        const { text, final, settled, revision, utterance } = effect;
        const { speaking, quietMs } = this.#ear;
        this.events.words({ text, final, settled, revision, utterance, speaking, quiet_ms: quietMs });
        break;
      }
      case "problem":
        this.events.problem(effect.code, this.#remote.state ?? undefined);
        break;
    }
  }
}
