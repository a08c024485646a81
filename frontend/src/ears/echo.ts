// The avatar must not hear itself: what the microphone picks up of its own words is taken out again.

import { soundsLike } from "./sounding";

/** Milliseconds that its words still echo after they were played. */
const TAIL = 2_000;
/** Words in a row, as the avatar said them, that are no coincidence. */
const RUN = 3;
/** Share of words from what was just spoken that makes the whole an echo. */
const SHARE = 0.7;
/** Single words that people cut in with: never taken for a mishearing. */
const STOP =
  /^(stop|wait|no|halt|enough|stopp|nein|warte|arrête|attends|para|espera|basta|ferma|aspetta|pare|não)\W*$/i;
/** Words that a recogniser may make out of each one spoken, where it mishears. */
const SLACK = 1.5;
/** Words of speech that are compared with: about a minute. */
const KEPT = 160;

interface Said {
  readonly words: readonly string[];
  /** When its sound ended; infinite while it is heard. */
  ended: number;
}

export class Echo {
  #said: Said[] = [];

  /** A line begins to be heard. */
  begins(text: string): void {
    this.#said.push({ words: split(text), ended: Number.POSITIVE_INFINITY });
    while (this.#said.reduce((sum, one) => sum + one.words.length, 0) > KEPT && this.#said.length > 1) {
      this.#said.shift();
    }
  }

  /** Nothing is heard any more, at `now` (milliseconds). */
  quiet(now: number): void {
    for (const one of this.#said) one.ended = Math.min(one.ended, now);
  }

  /** `heard` without what is only an echo of the avatar; empty when all of it is. */
  strip(heard: string, now: number): string {
    this.#said = this.#said.filter((one) => now - one.ended < TAIL);
    const spoken = this.#said.flatMap((one) => one.words);
    return spoken.length === 0 ? heard : without(heard, spoken);
  }
}

/** `heard` without its runs of words from `spoken`; empty when most of it comes from there. */
export function without(heard: string, spoken: readonly string[]): string {
  const written = heard.trim().split(/\s+/);
  const words = written.map(bare);
  const known = words.filter((word) => word === "" || spoken.some((one) => alike(one, word))).length;
  const runs = allRuns(words, spoken);
  const keep = written.filter((_, at) => !runs.some((run) => at >= run.from && at < run.from + run.length));
  // A few left-over words between echoes are mishearings, not a person; a person brings words of their own.
  const own = keep.filter((word) => !spoken.some((one) => alike(one, bare(word))));
  const echo = runs.length > 0 || known / words.length >= SHARE;
  if (STOP.test(keep.at(-1) ?? "")) return keep.join(" ");
  const misheard = (echo && own.length < 2) || soundsLike(keep.join(" "), spoken.join(" "));
  return misheard ? "" : keep.join(" ");
}

interface Run {
  /** Where it begins in what was heard and in what was spoken. */
  readonly from: number;
  readonly at: number;
  readonly length: number;
}

// The stretches that are echo: words as they were spoken, and what was misheard between two of them or before the
// first, where about as many words were spoken there. What comes behind the last may be a person who cuts in.
function allRuns(words: readonly string[], spoken: readonly string[]): Run[] {
  const runs: Run[] = [];
  let end = { from: 0, at: -1 };
  for (let from = 0; from < words.length; ) {
    const run = longestRun(words, from, spoken);
    if (run.length < RUN) {
      from++;
      continue;
    }
    const gap = from - end.from;
    const room = end.at < 0 ? run.at : run.at - end.at;
    if (gap > 0 && room > 0 && gap <= room * SLACK + 1)
      runs.push({ from: end.from, at: end.at, length: gap });
    runs.push(run);
    from += run.length;
    end = { from, at: run.at + run.length };
  }
  return runs;
}

function longestRun(words: readonly string[], from: number, spoken: readonly string[]): Run {
  let longest: Run = { from, at: 0, length: 0 };
  for (let at = 0; at < spoken.length; at++) {
    let length = 0;
    while (
      from + length < words.length &&
      at + length < spoken.length &&
      alike(spoken[at + length] as string, words[from + length] as string)
    )
      length++;
    if (length > longest.length) longest = { from, at, length };
  }
  return longest;
}

function split(text: string): string[] {
  return text.split(/\s+/).map(bare).filter(Boolean);
}

function bare(word: string): string {
  return word.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");
}

/** The same word, give or take one letter of a long one: recognisers mishear endings. */
function alike(a: string, b: string): boolean {
  if (a === b) return true;
  if (Math.min(a.length, b.length) < 4 || Math.abs(a.length - b.length) > 1) return false;
  let head = 0;
  while (head < a.length && a[head] === b[head]) head++;
  let tail = 0;
  while (tail < Math.min(a.length, b.length) - head && a.at(-1 - tail) === b.at(-1 - tail)) tail++;
  return Math.max(a.length, b.length) - head - tail <= 1;
}
