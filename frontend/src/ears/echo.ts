// The avatar must not hear itself: what the microphone picks up of its own words is taken out again.

/** Milliseconds that its words still echo after they were played. */
const TAIL = 2_000;
/** Words in a row, as the avatar said them, that are no coincidence. */
const RUN = 3;
/** Share of words from what was just spoken that makes the whole an echo. */
const SHARE = 0.7;
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
  const keep: string[] = [];
  for (let i = 0; i < words.length; ) {
    const run = longestRun(words, i, spoken);
    if (run >= RUN) i += run;
    else keep.push(written[i++] as string);
  }
  // A few left-over words between echoes are mishearings, not a person; a person brings words of their own.
  const own = keep.filter((word) => !spoken.some((one) => alike(one, bare(word))));
  return known / words.length >= SHARE && own.length < 2 ? "" : keep.join(" ");
}

function longestRun(words: readonly string[], from: number, spoken: readonly string[]): number {
  let longest = 0;
  for (let at = 0; at < spoken.length; at++) {
    let run = 0;
    while (
      from + run < words.length &&
      at + run < spoken.length &&
      alike(spoken[at + run] as string, words[from + run] as string)
    )
      run++;
    longest = Math.max(longest, run);
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
