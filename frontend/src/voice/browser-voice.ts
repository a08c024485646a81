// The browser's own voice, for lines that the server has no voice for. Its sound and its timing are out of reach: the
// line's clock is the caption's, the mouth moves by the server's estimate, and the voice is asked to keep that pace.

import type { Spoken } from "./script";

/** How far the pace may be pressed to fit the caption: beyond it nobody understands. */
const SLOWEST = 0.7;
const FASTEST = 1.6;
/** How much one line says about the pace of the next. */
const TRUST = 0.5;

/** What of the Web Speech API is needed. */
export interface Synthesis {
  getVoices(): readonly SpeechSynthesisVoice[];
  speak(utterance: SpeechSynthesisUtterance): void;
  cancel(): void;
}

export class BrowserVoice {
  #pace = 1;
  /** Said or waiting to be. Browsers drop utterances that nobody holds on to, and their events with them. */
  readonly #held = new Set<SpeechSynthesisUtterance>();

  constructor(
    private readonly synthesis: Synthesis | null = globalThis.speechSynthesis ?? null,
    private readonly make: (text: string) => SpeechSynthesisUtterance = (text) =>
      new SpeechSynthesisUtterance(text),
    private readonly now: () => number = () => performance.now(),
  ) {
    // Chrome loads its list when it is first asked for.
    this.synthesis?.getVoices();
  }

  /** Says `line`, after those before it; false where there is no voice for `language`. */
  say(line: Spoken, language: string): boolean {
    const voice = this.#voice(language);
    if (voice === null || this.synthesis === null) return false;
    const utterance = this.make(line.spoken);
    utterance.voice = voice;
    utterance.lang = voice.lang;
    utterance.rate = this.#pace;
    let began = this.now();
    utterance.onstart = () => {
      began = this.now();
    };
    utterance.onend = () => {
      if (this.#held.delete(utterance)) this.#learn((this.now() - began) / 1000, line.seconds);
    };
    utterance.onerror = () => this.#held.delete(utterance);
    this.#held.add(utterance);
    this.synthesis.speak(utterance);
    return true;
  }

  /** Falls silent at once. */
  stop(): void {
    if (this.#held.size === 0) return;
    this.#held.clear();
    this.synthesis?.cancel();
  }

  // Only voices of the device: others send what is said to their maker, and the person chose no such service.
  #voice(language: string): SpeechSynthesisVoice | null {
    const voices = (this.synthesis?.getVoices() ?? []).filter((voice) => voice.localService);
    const tag = (voice: SpeechSynthesisVoice): string => voice.lang.toLowerCase().replace("_", "-");
    const wanted = language.toLowerCase();
    const main = wanted.split("-")[0];
    return (
      voices.find((voice) => tag(voice) === wanted) ??
      voices.find((voice) => tag(voice).split("-")[0] === main) ??
      null
    );
  }

  // Twice as long as the caption: twice as fast the next time, or half of the way there.
  #learn(took: number, meant: number): void {
    if (meant < 0.5 || took < 0.1) return;
    const fitting = this.#pace * (took / meant);
    this.#pace = Math.min(FASTEST, Math.max(SLOWEST, this.#pace + TRUST * (fitting - this.#pace)));
  }
}
