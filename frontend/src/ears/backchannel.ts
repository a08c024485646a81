// 'Mm-hm' and its like: a listener's way to say 'go on', not a wish to speak.

const MURMUR = /^(m+h*m*|h+m+|h?u+h+|a+h+a*|o+h+)$/;
const GO_ON = new Set([
  ...[
    "yeah",
    "yes",
    "yep",
    "ok",
    "okay",
    "right",
    "sure",
    "really",
    "i see",
    "got it",
    "nice",
    "wow",
    "cool",
  ],
  ...["ja", "genau", "ach so", "oui", "d'accord", "sí", "vale", "claro", "sì", "certo", "sim", "да", "угу"],
]);

/** Whether this, said while the avatar speaks, asks it to go on. */
export function isBackchannel(text: string): boolean {
  const words = text
    .toLowerCase()
    .replace(/[.,!?…]/g, "")
    .trim();
  if (GO_ON.has(words)) return true;
  return words.split(/[\s-]+/).every((word) => MURMUR.test(word) || GO_ON.has(word));
}
