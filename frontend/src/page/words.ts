// Which written word is being spoken. The server says where each word of the voice stands in the written line; what the
// voice leaves out (an address, say) has no time of its own.

import type { Word } from "../voice/script";

export interface Token {
  readonly text: string;
  /** Index of its first character in the line, counted in code points, as the server counts. */
  readonly at: number;
}

/** The written words of a line, punctuation included. */
export function tokens(text: string): Token[] {
  return [...text.matchAll(/\S+/g)].map((match) => ({
    text: match[0],
    at: [...text.slice(0, match.index)].length,
  }));
}

/**
 * When each token begins, in seconds. `words` may be only the first of the line; tokens that none of them touches
 * are spread evenly by their length up to the next known moment, or up to `until`.
 */
export function starts(line: readonly Token[], words: readonly Word[], until: number): number[] {
  const known = new Array<number | undefined>(line.length);
  for (const word of words) {
    if (word.at < 0) continue;
    const index = line.findLastIndex((token) => token.at <= word.at);
    if (index >= 0) known[index] ??= word.start;
  }
  return spread(line, known, until);
}

function spread(line: readonly Token[], known: readonly (number | undefined)[], until: number): number[] {
  const out: number[] = [];
  for (let i = 0; i < line.length; ) {
    const from = known[i] ?? (i === 0 ? 0 : undefined) ?? (out[i - 1] as number);
    let next = i + 1;
    while (next < line.length && known[next] === undefined) next++;
    const to = Math.max(from, known[next] ?? until);
    const run = line.slice(i, next);
    const length = run.reduce((sum, token) => sum + token.text.length, 0);
    let before = 0;
    for (const token of run) {
      out.push(from + ((to - from) * before) / length);
      before += token.text.length;
    }
    i = next;
  }
  return out;
}

/** Index of the token that is spoken at `seconds`; -1 before the first. */
export function current(begins: readonly number[], seconds: number): number {
  return begins.findLastIndex((start) => start <= seconds);
}

/** Whether two texts have the same words, however they are written. */
export function alike(one: string, other: string): boolean {
  const bare = (text: string): string =>
    text
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s]/gu, "")
      .trim();
  return bare(one) === bare(other);
}
