// Web Speech as an ear: one recogniser at a time.

import type { Ear, EarEvents } from "./ear";
import type { Piece } from "./listening";

// TypeScript's library knows the results of Web Speech, but not the recogniser.
interface Recogniser extends EventTarget {
  lang: string;
  continuous: boolean;
  interimResults: boolean;
  onstart: (() => void) | null;
  onend: (() => void) | null;
  onspeechstart: (() => void) | null;
  onspeechend: (() => void) | null;
  onerror: ((event: { error: string }) => void) | null;
  onresult: ((event: { resultIndex: number; results: SpeechRecognitionResultList }) => void) | null;
  start(): void;
  stop(): void;
}
type Maker = new () => Recogniser;

export class WebSpeech implements Ear {
  readonly speaking = null;
  readonly quietMs = 0;
  #recogniser: Recogniser | null = null;

  constructor(private readonly events: EarEvents) {}

  // A new recogniser each time: some browsers never start one again that has failed.
  start(language: string): void {
    const scope = globalThis as { SpeechRecognition?: Maker; webkitSpeechRecognition?: Maker };
    const Recognition = scope.SpeechRecognition ?? scope.webkitSpeechRecognition;
    if (Recognition === undefined) {
      this.#fail("unsupported");
      return;
    }
    const one = new Recognition();
    this.#recogniser = one;
    one.lang = language;
    // Chrome on Android repeats final results when it is continuous; there it is started anew for each.
    one.continuous = !/android/i.test(navigator.userAgent);
    one.interimResults = true;
    const mine = (tell: () => void): void => {
      if (this.#recogniser === one) tell();
    };
    one.onstart = () => mine(() => this.events.started());
    one.onend = () => mine(() => this.events.ended());
    one.onspeechstart = () => mine(() => this.events.voice(true));
    one.onspeechend = () => mine(() => this.events.voice(false));
    one.onerror = ({ error }) => mine(() => this.events.error(error));
    one.onresult = ({ resultIndex, results }) => mine(() => this.events.heard(pieces(results, resultIndex)));
    try {
      one.start();
    } catch {
      this.#fail("start");
    }
  }

  stop(): void {
    this.#recogniser?.stop();
  }

  // Not at once: this runs inside a step.
  #fail(code: string): void {
    queueMicrotask(() => {
      this.events.error(code);
      this.events.ended();
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
