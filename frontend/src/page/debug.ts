// For tests in a browser and for the curious: opened with ?debug, the page shows what it knows as `window.visavis`.

import type { Face, Mode, Speech } from "../face/contract";
import type { State } from "../session";
import type { App } from "./app";
import type { Conversation } from "./conversation";

export interface Debug {
  readonly state: State;
  readonly conversation: Conversation;
  readonly mode: Mode;
  readonly face: Face | null;
  /** The line being heard, its words and how far into it, in seconds. */
  readonly line: { turn: number; line: number; text: string; seconds: number; words: number } | null;
  /** Whether the browser waits for a tap before it lets anything be heard. */
  readonly locked: boolean;
  /** Whether the avatar speaks more quietly because of another voice. */
  readonly ducked: boolean;
  /** When it last became so, by the time of `context`. */
  readonly quieterAt: number;
  readonly context: AudioContext | null;
  speech(): Speech | null;
  /** The last samples that went to the speaker, about 85 ms of them; empty without Web Audio. */
  samples(): number[];
  /** Closes the socket as a lost network would; the session comes back. */
  drop(): void;
}

declare global {
  interface Window {
    visavis?: Debug;
  }
}

const SAMPLES = 2_048;

export function expose(app: App): void {
  let analyser: AnalyserNode | null = null;
  const listen = (): AnalyserNode | null => {
    const { audible } = app.speaker;
    if (analyser === null && audible !== null) {
      analyser = new AnalyserNode(audible.context, { fftSize: SAMPLES });
      audible.tap(analyser);
    }
    return analyser;
  };
  // Before the first sound, so that none is missed.
  const waiting = setInterval(() => listen() !== null && clearInterval(waiting), 20);
  window.visavis = {
    get state() {
      return app.session.state;
    },
    get conversation() {
      return app.conversation;
    },
    get mode() {
      return app.stage.current;
    },
    get face() {
      return app.stage.face;
    },
    get line() {
      const now = app.player.now();
      if (now === null) return null;
      const { turn, line, text, words } = now.line;
      return { turn, line, text, seconds: now.seconds, words: words.length };
    },
    get locked() {
      return app.speaker.locked;
    },
    get ducked() {
      return app.ducked;
    },
    get quieterAt() {
      return app.speaker.audible?.quieterAt ?? 0;
    },
    get context() {
      return app.speaker.audible?.context ?? null;
    },
    speech: () => app.player.speech(),
    samples() {
      const out = new Float32Array(SAMPLES);
      listen()?.getFloatTimeDomainData(out);
      return analyser === null ? [] : [...out];
    },
    drop: () => app.session.drop(),
  };
}
