// Where everything on the page meets: messages to voice, captions and transcript; gestures to the session.

import { isBackchannel } from "../ears/backchannel";
import { step as bargeIn, CALM } from "../ears/bargein";
import { Ears, type Words } from "../ears/ears";
import { Echo } from "../ears/echo";
import { problem } from "../ears/problems";
import type { FaceSettings } from "../face/contract";
import type { Wishes } from "../session";
import { Session } from "../socket";
import { BrowserVoice } from "../voice/browser-voice";
import { Player } from "../voice/player";
import { Reporter } from "../voice/reporter";
import type { Spoken } from "../voice/script";
import { Speaker } from "../voice/speaker";
import type { FromServer, Line } from "../wire";
import { Captions } from "./captions";
import { Composer } from "./composer";
import { type Config, socketUrl } from "./config";
import { type Conversation, exchange, follow } from "./conversation";
import { byId, icon, show } from "./dom";
import { forgetting } from "./forget";
import { recollect, remember } from "./memory";
import { Mic } from "./mic";
import { mode } from "./mode";
import { Notices } from "./notices";
import { welcomeOwnAvatars } from "./own-avatar";
import { load, type Preferences, save } from "./preferences";
import { SettingsDialog } from "./settings-dialog";
import { chips, cited } from "./sources";
import { Stage } from "./stage";
import { showStatus } from "./status";
import { applyTheme, onSystemChange, reducedMotion, themeOf } from "./theme";
import { Transcript } from "./transcript";
import { alike } from "./words";

/** Milliseconds: the page's pulse, how long an interruption shows, and how long words count as attention. */
const PULSE = 50;
const INTERRUPTED = 700;
const ATTENTION = 3_000;
/** Milliseconds that a face wonders what was said. */
const PUZZLED = 1_800;
/** Milliseconds without a connection before the avatar shows it. */
const GRACE = 2_500;

export class App {
  preferences: Preferences;
  conversation: Conversation = recollect();
  readonly session: Session;
  readonly speaker: Speaker;
  readonly player: Player;
  readonly stage: Stage;
  readonly #echo = new Echo();
  readonly #ears: Ears;
  readonly #mic: Mic;
  readonly #captions = new Captions();
  readonly #composer: Composer;
  readonly #transcript: Transcript;
  readonly #notices = new Notices(byId("notices"));
  readonly #reporter: Reporter;
  readonly #browserVoice = new BrowserVoice();
  /** The turn of which nothing was heard yet, and the one whose first line has come. */
  #pending = 0;
  #begun = 0;
  #cutAt = Number.NEGATIVE_INFINITY;
  #heardAt = Number.NEGATIVE_INFINITY;
  #puzzledAt = Number.NEGATIVE_INFINITY;
  /** What was last sent to the server of what was heard, and how near someone is to cutting in. */
  #asked = { utterance: 0, words: "" };
  #alarm = CALM;
  #connectedAt = performance.now();

  constructor(private readonly config: Config) {
    this.preferences = load(config.language);
    applyTheme(this.preferences);
    this.speaker = new Speaker(() => this.#refresh());
    this.player = new Player(this.speaker.silent, {
      begin: (line) => this.#lineBegins(line),
      end: (line, seconds) => this.#lineEnds(line, seconds),
      progress: (line, seconds) => {
        this.#captions.progress(line, seconds);
        this.#reporter.progress(line, seconds);
      },
    });
    this.session = new Session(socketUrl(config, location), this.#wishes(), {
      message: (message) => this.#message(message),
      sound: (frame) => this.player.sound(frame),
      changed: (state) => showStatus(state),
    });
    this.#reporter = new Reporter((turn, line, ms) =>
      this.session.dispatch({ type: "played", turn, line, ms }),
    );
    this.stage = new Stage(
      this.#faceSettings(),
      () => this.player.speech(this.preferences.mouthOffsetMs / 1000),
      (text) => this.#notices.once(text, text),
    );
    this.#composer = new Composer((text) => this.say(text));
    this.#mic = new Mic((want) => this.#listen(want));
    this.#ears = new Ears({
      words: (words) => this.#heard(words),
      voice: (sounds) => this.#bargeIn({ type: "voice", sounds, ...this.#moment() }),
      listen: () => this.session.dispatch({ type: "listen" }),
      sound: (frame) => this.session.sound(frame),
      microphone: (stream) =>
        this.speaker.watch(stream, () => this.#bargeIn({ type: "sound", ...this.#moment() })),
      problem: (code, server) => {
        const { text, action } = problem(code);
        // What the server says about itself is more than what is known here.
        const own = code === "no-server-ears" ? server : undefined;
        this.#notices.once(
          `ears ${code}`,
          own?.text || text,
          own?.action ? `${own.action} ${action}` : action,
        );
      },
      changed: (state) => this.#mic.show(state),
    });
    this.#transcript = new Transcript();
    const settings = new SettingsDialog(
      () => this.preferences,
      config.language,
      config.avatar,
      (changed) => this.#prefer(changed),
    );
    forgetting();
    welcomeOwnAvatars(
      (own) => settings.bring(own),
      (text, more) => this.#notices.say(text, more),
    );
  }

  async open(): Promise<void> {
    this.#bind();
    this.#transcript.show(this.conversation);
    void this.stage.open();
    await this.speaker.open();
    if (this.speaker.audible === null) {
      this.#notices.once("no-audio", "This browser cannot play the voice; the captions tell what is said.");
    }
    this.#mute(this.preferences.muted);
    setInterval(() => {
      this.player.tick();
      this.#bargeIn({ type: "tick", ...this.#moment() });
      this.#refresh();
    }, PULSE);
    this.session.start();
  }

  /** The person typed something. */
  say(text: string): void {
    this.cut();
    this.#captions.asked(text, false);
    this.session.dispatch({ type: "say", text });
    this.#refresh();
  }

  /** Falls silent at once, and tells the server what was heard. */
  cut(): void {
    const going = this.player.busy || this.#pending !== 0;
    const position = this.player.silence();
    this.#captions.cut();
    this.#browserVoice.stop();
    this.#echo.quiet(performance.now());
    if (!going) return;
    const { turn } = this.session.state;
    const at = position?.turn === turn ? position : { line: 0, ms: 0 };
    this.session.dispatch({ type: "cut", line: at.line, ms: Math.round(at.ms) });
    this.#pending = 0;
    this.#cutAt = performance.now();
    this.#refresh();
  }

  #message(message: FromServer): void {
    this.conversation = follow(this.conversation, message);
    this.#transcript.show(this.conversation);
    switch (message.type) {
      case "ears":
      case "transcript":
        this.#ears.told(message);
        // Silence is not sent: here was a voice, and nothing to be made of it.
        if (message.type === "transcript" && message.final && message.text.trim() === "")
          this.#puzzledAt = performance.now();
        break;
      case "ready":
        this.#ears.server = message.engines.ears;
        if (!message.resumed) this.#startOver();
        break;
      case "turn_started":
        if (message.utterance !== 0 && message.utterance === this.#ears.state.utterance) this.#ears.done();
        this.#turnStarts(message.turn, message.text);
        break;
      case "thinking":
        this.stage.feel(message.feeling, message.strength);
        break;
      case "line":
        this.#line(message);
        break;
      case "feeling":
        // The face moves over by its own curves; a line that is not heard yet brings it when it begins.
        if (
          this.player.feeling(message) !== null ||
          (message.line === null && this.#pending === message.turn)
        )
          this.stage.feel(message.emotion, message.strength);
        break;
      case "timing":
        this.player.timing(message);
        break;
      case "turn_ended":
        this.player.finish(message.turn);
        if (message.turn === this.#pending && !this.player.busy) this.#pending = 0;
        if (message.turn === this.session.state.turn) {
          const answer = exchange(this.conversation, message.turn)?.answer ?? "";
          chips(byId("chips"), cited(answer, message.sources).sources);
        }
        break;
      case "cancelled":
        if (message.turn === this.session.state.turn) this.#forget();
        break;
      case "notice":
        this.#notices.once(message.code, message.text, message.action);
        break;
      case "error":
        if (message.code === "not_heard") this.#puzzledAt = performance.now();
        if (!message.fatal) this.#notices.say(message.text);
        // The page tries again by itself, and would say the same each time.
        else if (message.retryable) this.#notices.once(message.code, message.text);
        else this.#notices.say(message.text, "Reload the page to begin again.");
        break;
    }
    this.#refresh();
  }

  #startOver(): void {
    this.#forget();
    this.#captions.clear();
    this.#captions.asked(this.session.state.unsent.at(-1) ?? "", false);
    chips(byId("chips"), []);
  }

  #forget(): void {
    this.player.silence();
    this.#captions.cut();
    this.#browserVoice.stop();
    this.#echo.quiet(performance.now());
    this.#pending = 0;
  }

  #turnStarts(turn: number, asked: string): void {
    if (this.player.busy) this.#forget();
    this.#pending = turn;
    this.#captions.clear();
    this.#captions.asked(asked, false);
    chips(byId("chips"), []);
  }

  #line(message: Line): void {
    if (message.turn !== this.#begun) {
      this.#begun = message.turn;
      this.player.use(this.speaker.choose(message.voice !== ""));
    }
    this.player.line(message);
  }

  #lineBegins(line: Spoken): void {
    this.#echo.begins(line.text);
    // It thinks aloud: the person's words stay, and so does its thinking face.
    if (line.opener) return;
    this.#pending = 0;
    this.#captions.asked("", false);
    this.#captions.begin(line, this.preferences.language);
    if (line.mute && this.#mayBrowserSpeak)
      line.byBrowser = this.#browserVoice.say(line, this.preferences.language);
    this.stage.feel(line.emotion, line.strength);
    this.#refresh();
  }

  /** Browsers want a tap before they speak, as they do for sound. */
  get #mayBrowserSpeak(): boolean {
    return !this.preferences.muted && (navigator.userActivation?.hasBeenActive ?? true);
  }

  #lineEnds(line: Spoken, seconds: number): void {
    this.#captions.end(line);
    this.#reporter.end(line, seconds);
    if (!this.player.busy) this.#echo.quiet(performance.now());
  }

  #listen(want: "off" | "free" | "held"): void {
    this.#ears.language = this.preferences.language;
    this.#ears.private = this.preferences.serverEars;
    this.#ears.want(want);
  }

  #heard({ settled, ...heard }: Words): void {
    const words = this.#echo.strip(heard.text, performance.now());
    const speaking = this.player.busy || this.#pending !== 0;
    // What it was answered for already is only said again, when a recogniser settles on it.
    const known = heard.utterance === this.#asked.utterance && alike(words, this.#asked.words);
    const murmur = isBackchannel(words);
    if (words === "" || (speaking && !known && murmur)) {
      if (settled) this.#ears.done();
      if (words !== "") this.#bargeIn({ type: "words", count: 0, murmur, settled, ...this.#moment() });
      return;
    }
    this.#heardAt = performance.now();
    if (!known) {
      const count = words.split(/\s+/).length;
      this.#bargeIn({
        type: "words",
        count,
        murmur: false,
        settled: settled || heard.final,
        ...this.#moment(),
      });
      if (this.player.busy || this.#pending !== 0) return;
      this.#captions.asked(words, !heard.final);
    }
    this.#asked = { utterance: heard.utterance, words };
    this.session.dispatch({ type: "hear", heard: { type: "heard", ...heard, text: words } });
    if (settled) this.stage.face?.phraseEnd();
    else if (/[,;:.!?]$/.test(words)) this.stage.face?.clauseEnd();
  }

  get ducked(): boolean {
    return this.#alarm.ducked;
  }

  #moment(): { speaking: boolean; now: number } {
    return { speaking: this.player.busy || this.#pending !== 0, now: performance.now() };
  }

  #bargeIn(event: Parameters<typeof bargeIn>[1]): void {
    const { state, effects } = bargeIn(this.#alarm, event);
    this.#alarm = state;
    for (const effect of effects) {
      if (effect.do === "cut") this.cut();
      else this.speaker.audible?.duck(effect.on);
    }
  }

  #refresh(): void {
    const now = performance.now();
    const { link } = this.session.state;
    if (link === "open") this.#connectedAt = now;
    const locked = this.speaker.locked && this.player.busy && this.player.through === this.speaker.audible;
    const going = this.player.busy || this.#pending !== 0;
    const current = mode({
      connected: link !== "refused" && now - this.#connectedAt < GRACE,
      speaking: this.player.busy && this.#pending === 0,
      pending: this.#pending !== 0 && !locked,
      attending:
        now - Math.max(this.#heardAt, this.#composer.typedAt) < ATTENTION || this.#ears.state.want === "held",
      interrupted: now - this.#cutAt < INTERRUPTED,
      puzzled: this.#puzzledAt > this.#heardAt && now - this.#puzzledAt < PUZZLED,
    });
    this.stage.mode(current);
    if (document.body.dataset.mode !== current) document.body.dataset.mode = current;
    show(byId("stop"), going);
    show(byId("unlock"), locked);
    const { next } = this.player;
    if (locked && next !== null && !next.opener) this.#captions.begin(next, this.preferences.language);
  }

  #prefer(changed: Preferences): void {
    const before = this.preferences;
    this.preferences = changed;
    save(changed);
    this.#applyLook();
    if (changed.language !== before.language || changed.voice !== before.voice) {
      this.session.dispatch({ type: "wish", wishes: this.#wishes() });
      if (this.#ears.state.want === "free") this.#listen("off");
    }
    if (changed.serverEars !== before.serverEars && this.#ears.state.want !== "off") this.#listen("off");
  }

  #applyLook(): void {
    applyTheme(this.preferences);
    this.#captions.announce(this.preferences.announce);
    this.stage.change(this.#faceSettings());
  }

  #mute(muted: boolean): void {
    const button = byId("mute");
    button.ariaPressed = String(muted);
    icon(button, muted ? "muted" : "sound");
    this.speaker.audible?.mute(muted);
    if (muted) this.#browserVoice.stop();
  }

  #wishes(): Wishes {
    return { language: this.preferences.language, voice: this.preferences.voice, sound: true };
  }

  #faceSettings(): FaceSettings {
    const { look, colours, liveliness, mouthOffsetMs } = this.preferences;
    return {
      look,
      colours,
      liveliness,
      mouthOffsetMs,
      avatar: this.config.avatar,
      reducedMotion: reducedMotion(this.preferences),
      theme: themeOf(this.preferences),
    };
  }

  #bind(): void {
    this.#applyLook();
    onSystemChange(() => this.#applyLook());
    byId("stop").addEventListener("click", () => this.cut());
    byId("unlock").addEventListener("click", () => this.speaker.unlock());
    byId("mute").addEventListener("click", () => {
      this.preferences = { ...this.preferences, muted: !this.preferences.muted };
      save(this.preferences);
      this.#mute(this.preferences.muted);
    });
    addEventListener("keydown", (event) => {
      // In a dialog Esc closes it; that is the browser's.
      if (event.key !== "Escape" || event.isComposing || document.querySelector("dialog[open]") !== null)
        return;
      // It silences first; with nothing to silence it closes what covers the face.
      if (this.#moment().speaking || !this.#transcript.isOpen) this.cut();
      else this.#transcript.close();
    });
    // What still plays is not heard to its end by anyone who leaves.
    addEventListener("pagehide", () => {
      this.cut();
      remember(this.conversation);
    });
  }
}
