// How long a message may be, said before it is too long: nothing of what was written is ever cut off unasked.

/** Characters from which on the rest is counted down. */
const NEAR = 200;

/** The server counts code points; the length of a string counts halves of some. */
export function length(text: string): number {
  return [...text].length;
}

/** What to say about a text of `count` characters; empty while there is nothing to say. */
export function lengthNote(count: number, limit: number): string {
  const number = new Intl.NumberFormat("en");
  if (count > limit) {
    const over = count - limit;
    return `${number.format(over)} ${over === 1 ? "character" : "characters"} too long: a message has at most ${number.format(limit)}.`;
  }
  return limit - count <= NEAR ? `${number.format(limit - count)} characters left` : "";
}
