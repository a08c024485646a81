// How much two texts sound alike, whatever the words are: "bottles that sounds so" is "the mouth follows the sound, so"
// as a recogniser heard it. Letters stand for sounds coarsely, in classes that recognisers confuse; the stretch of speech
// that fits best is found by aligning (Smith & Waterman 1981, global in what was heard).

const DIGRAPHS: readonly [RegExp, string][] = [
  [/[^\p{L}]/gu, ""],
  [/ph/g, "f"],
  [/t?ch|sh|sch/g, "s"],
  [/th/g, "t"],
  [/ck|q/g, "k"],
  [/gh(?=[^aeiou]|$)/g, ""],
  [/x/g, "ks"],
  [/c(?=[eiy])/g, "s"],
];
/** Sounds by class: those of one class are taken for each other. */
const CLASSES = ["aeiouyäöüàáâãèéêëìíîïòóôõùúû", "pb", "fvw", "td", "kgc", "szjßç", "mnñ", "lr", "h"];
const VOWEL = "0";
const WEAK = "8";

/** `text` as a row of classes, one digit a sound, vowels in a row being one. */
export function sounds(text: string): string {
  let plain = text.toLowerCase();
  for (const [pattern, by] of DIGRAPHS) plain = plain.replace(pattern, by);
  let out = "";
  for (const letter of plain) {
    const at = CLASSES.findIndex((letters) => letters.includes(letter));
    const found = at < 0 ? letter : String(at);
    if (!out.endsWith(found)) out += found;
  }
  return out;
}

const price = (sound: string): number => (sound === VOWEL || sound === WEAK ? 0.4 : 1);

/** From 0 to 1: how well the sounds `heard` fit the stretch of `spoken` that they fit best. */
export function likeness(heard: string, spoken: string): number {
  if (heard === "") return 0;
  const most = [...heard].reduce((sum, sound) => sum + price(sound), 0);
  // What was spoken before and behind costs nothing.
  let row = new Float64Array(spoken.length + 1);
  for (const sound of heard) {
    const next = new Float64Array(spoken.length + 1);
    next[0] = (row[0] as number) + price(sound);
    for (let at = 1; at <= spoken.length; at++) {
      const other = spoken[at - 1] as string;
      const swap = sound === other ? 0 : Math.max(price(sound), price(other));
      next[at] = Math.min(
        (row[at - 1] as number) + swap,
        (row[at] as number) + price(sound),
        (next[at - 1] as number) + price(other),
      );
    }
    row = next;
  }
  return Math.max(0, 1 - Math.min(...row) / most);
}

/** Sounds that a text must have at least: fewer fit anything. */
const LEAST = 12;
/** What chance hardly reaches, by length: of a thousand things said beside lines that they were no echo of
 * (echo.test.ts), one in a hundred is more alike. */
const CHANCE = 0.55;
const CHANCE_SHORT = 2.2;
/** Sounds of the latest speech that are compared with, for each one heard; and at least. */
const REACH = 2;
const REACH_LEAST = 60;

/** Whether `heard` sounds so much like what was spoken last that it is hardly a coincidence. */
export function soundsLike(heard: string, spoken: string): boolean {
  const mine = sounds(heard);
  if (mine.length < LEAST) return false;
  const latest = sounds(spoken).slice(-Math.max(REACH_LEAST, REACH * mine.length));
  return likeness(mine, latest) >= CHANCE + CHANCE_SHORT / mine.length;
}
