// Brings the face onto the page. It is loaded after everything else, so that one can talk before it is there.

import type { Emotion, Face, FaceSettings, Mode, Speech } from "../face/contract";
import { byId } from "./dom";

export class Stage {
  face: Face | null = null;
  readonly #host = byId("face");
  #mode: Mode = "idle";
  #feeling: [Emotion, number] = ["neutral", 0];

  constructor(
    private settings: FaceSettings,
    private readonly speech: () => Speech | null,
    private readonly report: (problem: string) => void,
  ) {}

  async open(): Promise<void> {
    try {
      const { createFace } = await import("../face/index");
      this.face = await createFace(this.#host, this.speech, this.settings, this.report);
    } catch {
      this.report("The face could not be loaded. Everything else works; reload the page to try again.");
      return;
    }
    this.#host.dataset.kind = this.face.kind;
    this.face.settings(this.settings);
    this.face.mode(this.#mode);
    this.face.feel(...this.#feeling);
    new ResizeObserver(() => this.face?.resize()).observe(this.#host);
  }

  mode(mode: Mode): void {
    if (mode === this.#mode) return;
    this.#mode = mode;
    this.#host.dataset.mode = mode;
    this.face?.mode(mode);
  }

  get current(): Mode {
    return this.#mode;
  }

  feel(emotion: Emotion, strength: number): void {
    this.#feeling = [emotion, strength];
    this.face?.feel(emotion, strength);
  }

  change(settings: FaceSettings): void {
    this.settings = settings;
    this.face?.settings(settings);
  }
}
