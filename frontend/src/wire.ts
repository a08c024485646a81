// Generated from backend/wire.py ; do not edit (see Makefile, wire).

export type Wire =
  | Heard
  | Hello
  | Interrupt
  | Listen
  | Ping
  | Playback
  | Resume
  | Typed
  | FromClient
  | Cancelled
  | Cost
  | EarsState
  | Engines
  | Error
  | Feeling
  | Latency
  | Limits
  | Line
  | Notice
  | Pong
  | Ready
  | Source
  | Text
  | Thinking
  | Timing
  | Transcript
  | TurnEnded
  | TurnStarted
  | FromServer;
export type FromClient = Hello | Heard | Listen | Typed | Interrupt | Playback | Ping;
export type FromServer =
  | Ready
  | TurnStarted
  | Thinking
  | Text
  | Line
  | Feeling
  | Timing
  | TurnEnded
  | Cancelled
  | Notice
  | Error
  | EarsState
  | Transcript
  | Pong;

/**
 * Words from the person's mouth: interim ones replace each other, a final one begins a turn.
 *
 * Where utterances are numbered (`utterance` from 1), the server tells by itself when the person is done, and begins
 * the turn without `final`. `text` is all of the utterance so far; it has been quiet for `quiet_ms` since its last
 * word, or the person is `speaking` still (null: the client has no detector to tell by). `revision` counts up within
 * an utterance; a message that arrives late is recognised by it and dropped.
 */
export interface Heard {
  type: "heard";
  text: string;
  final?: boolean;
  revision?: number;
  utterance?: number;
  quiet_ms?: number;
  speaking?: boolean | null;
}
/**
 * The first message of every connection.
 */
export interface Hello {
  type: "hello";
  protocol?: number;
  resume?: Resume | null;
  language?: string;
  voice?: string;
  sound?: boolean;
  greet?: boolean;
}
/**
 * Where a dropped connection left off: the token from `ready` and the last `seq` that arrived.
 */
export interface Resume {
  token: string;
  seq: number;
}
/**
 * The person cut in. The client has already fallen silent; `played_ms` of `line` were really heard.
 */
export interface Interrupt {
  type: "interrupt";
  turn: number;
  line?: number;
  played_ms?: number;
}
/**
 * The server's own ears are wanted: sound will follow in binary frames. Answered by `ears`.
 */
export interface Listen {
  type: "listen";
}
/**
 * Answered by `pong` with the same `t`; `seq` acknowledges, as in `playback`.
 */
export interface Ping {
  type: "ping";
  t?: number;
  seq?: number;
}
/**
 * How far the sound has come, sent about four times a second while it plays, and at the end of each line.
 *
 * `seq` acknowledges everything up to that number, so that the server may forget it.
 */
export interface Playback {
  type: "playback";
  turn: number;
  line?: number;
  played_ms?: number;
  seq?: number;
}
/**
 * A typed message; begins a turn.
 */
export interface Typed {
  type: "typed";
  text: string;
}
/**
 * The turn was cut short: nothing more of it will come. `heard` is what the history keeps of it.
 */
export interface Cancelled {
  type: "cancelled";
  seq: number;
  turn: number;
  heard: string;
}
/**
 * What the answer took. `estimated` when the provider reported no usage.
 */
export interface Cost {
  answered_by: string;
  spoken_by: string;
  prompt_tokens: number;
  completion_tokens: number;
  characters_spoken: number;
  estimated: boolean;
  choice: string;
  nano: number;
  saved: number;
  ahead_ms: number;
  dropped: number;
  dropped_tokens: number;
}
/**
 * Whether the server can hear: `ready`; `fetching` its model (it says again when that is over); `missing`.
 */
export interface EarsState {
  type: "ears";
  seq: number;
  state: "ready" | "fetching" | "missing";
  text: string;
  action: string;
}
/**
 * Which engine serves each room at the moment of `ready`.
 */
export interface Engines {
  mind: string;
  voice: string;
  knowledge: string;
  feeling: string;
  ears: string;
}
/**
 * A message was refused (`fatal` false: the session goes on) or the connection ends (`fatal` true).
 */
export interface Error {
  type: "error";
  seq: number;
  code: string;
  text: string;
  retryable: boolean;
  fatal: boolean;
}
/**
 * A better reading of what `line` carries came after it was sent (null: of what the person said).
 *
 * The face moves over to it; the sound is not touched.
 */
export interface Feeling {
  type: "feeling";
  seq: number;
  turn: number;
  line: number | null;
  emotion: "anger" | "disgust" | "fear" | "joy" | "neutral" | "sadness" | "surprise";
  strength: number;
}
/**
 * The waterfall of a turn: milliseconds from its start until each stage first delivered; null if it never did.
 */
export interface Latency {
  knowledge: number | null;
  first_token: number | null;
  first_clause: number | null;
  first_voice: number | null;
  first_sound: number | null;
  done: number | null;
}
/**
 * What the server will accept and hold.
 */
export interface Limits {
  text_chars: number;
  frame_bytes: number;
  ahead_seconds: number;
  resume_seconds: number;
}
/**
 * A clause or sentence about to be spoken, as it is written. `voice` is empty when there is only a caption.
 *
 * A captioned line without sound stays for `seconds`; otherwise `seconds` is an estimate. An `opener` ("Well,") only
 * bridges the time until the answer: it belongs to no caption, transcript or history.
 */
export interface Line {
  type: "line";
  seq: number;
  turn: number;
  line: number;
  text: string;
  emotion: "anger" | "disgust" | "fear" | "joy" | "neutral" | "sadness" | "surprise";
  strength: number;
  voice: string;
  seconds: number;
  spoken: string;
  opener: boolean;
}
/**
 * Something works less well than it could; said once per session. `action` is the one thing to do about it.
 */
export interface Notice {
  type: "notice";
  seq: number;
  code: string;
  text: string;
  action: string;
}
/**
 * The answer to `ping`.
 */
export interface Pong {
  type: "pong";
  seq: number;
  t: number;
}
/**
 * The connection stands. `resumed` tells whether an earlier session goes on; if not, start afresh.
 */
export interface Ready {
  type: "ready";
  seq: number;
  protocol: number;
  name: string;
  resume: string;
  resumed: boolean;
  engines: Engines;
  limits: Limits;
}
/**
 * A passage that the answer stands on; `number` is the one used in the text.
 */
export interface Source {
  number: number;
  title: string;
  heading: string;
  source: string;
  text: string;
}
/**
 * A piece of the answer with all its marks, for the transcript; `line` brings what is spoken.
 */
export interface Text {
  type: "text";
  seq: number;
  turn: number;
  delta: string;
}
/**
 * The mind is at work. `feeling` is how the face should answer what the person's words carried.
 */
export interface Thinking {
  type: "thinking";
  seq: number;
  turn: number;
  feeling: "anger" | "disgust" | "fear" | "joy" | "neutral" | "sadness" | "surprise";
  strength: number;
}
/**
 * Mouth and words of a line. Cues replace all cues of the line from `since` on; words are appended.
 *
 * For a line without a voice they are estimated, for a browser that says it with a voice of its own.
 *
 * `cues` are [start, shape] in seconds of the line's sound, each lasting until the next, the last until
 * `until`; cues before `since` are final. `words` are [start, end, text, at]: as the voice names them, and the index
 * of the character (Unicode code point) in the line's `text` at which they are written, -1 if they are not.
 */
export interface Timing {
  type: "timing";
  seq: number;
  turn: number;
  line: number;
  since: number;
  until: number;
  cues: [unknown, unknown][];
  words: [unknown, unknown, unknown, unknown][];
}
/**
 * What the server heard in a stretch of sound so far; `final` when the stretch is over.
 *
 * It begins no turn: the client takes out what is only the avatar's echo, and sends the rest as `heard`.
 */
export interface Transcript {
  type: "transcript";
  seq: number;
  stretch: number;
  text: string;
  final: boolean;
}
/**
 * All of the turn has been sent (the sound may still be playing).
 */
export interface TurnEnded {
  type: "turn_ended";
  seq: number;
  turn: number;
  why: "complete" | "failed";
  latency: Latency;
  cost: Cost;
  sources: Source[];
}
/**
 * A turn begins; everything that follows with this `turn` belongs to it. `text` is what was understood.
 */
export interface TurnStarted {
  type: "turn_started";
  seq: number;
  turn: number;
  source: "greeting" | "typed" | "heard";
  text: string;
  utterance: number;
}
