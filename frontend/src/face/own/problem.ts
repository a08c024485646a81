// What can be wrong with a person's own file, in words for them.

/** The message is a plain sentence with what to do; the avatar on the stage is untouched. */
export class AvatarProblem extends Error {
  override readonly name = "AvatarProblem";
}

const LONGEST = 60;

/** A name out of a file, fit to be shown: no control or direction characters, no mark-up, not long. */
export function shown(name: unknown): string {
  const text = String(name ?? "")
    .normalize("NFKC")
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
    .replace(/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069<>&"'`]/g, "")
    .trim();
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text;
}
