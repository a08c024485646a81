// Morph names as the tools of the world write them -> ARKit's, Oculus's, or VRM's names.

import { ARKIT, type Arkit } from "../motion/channels";

export const VISEMES = [
  "sil",
  "PP",
  "FF",
  "TH",
  "DD",
  "kk",
  "CH",
  "SS",
  "nn",
  "RR",
  "aa",
  "E",
  "I",
  "O",
  "U",
] as const;

/** Combined morphs of simpler rigs, and the ARKit channels they stand for. */
export const COMBINED: Readonly<Record<string, readonly Arkit[]>> = {
  eyesClosed: ["eyeBlinkLeft", "eyeBlinkRight"],
  mouthSmile: ["mouthSmileLeft", "mouthSmileRight"],
  mouthFrown: ["mouthFrownLeft", "mouthFrownRight"],
  browDown: ["browDownLeft", "browDownRight"],
  browOuterUp: ["browOuterUpLeft", "browOuterUpRight"],
  cheekSquint: ["cheekSquintLeft", "cheekSquintRight"],
  noseSneer: ["noseSneerLeft", "noseSneerRight"],
  eyeWide: ["eyeWideLeft", "eyeWideRight"],
  eyeSquint: ["eyeSquintLeft", "eyeSquintRight"],
  eyesLookUp: ["eyeLookUpLeft", "eyeLookUpRight"],
  eyesLookDown: ["eyeLookDownLeft", "eyeLookDownRight"],
};

const ALIASES: Readonly<Record<string, string>> = {
  // Ready Player Me and its like.
  mouthopen: "jawOpen",
  jawdrop: "jawOpen",
  openmouth: "jawOpen",
  eyesclosed: "eyesClosed",
  eyeclosed: "eyesClosed",
  blink: "eyesClosed",
  blinkleft: "eyeBlinkLeft",
  blinkright: "eyeBlinkRight",
  eyecloseleft: "eyeBlinkLeft",
  eyecloseright: "eyeBlinkRight",
  eyesclose: "eyesClosed",
  smile: "mouthSmile",
  frown: "mouthFrown",
  browsdown: "browDown",
  browup: "browOuterUp",
  browsup: "browOuterUp",
  eyeslookup: "eyesLookUp",
  eyeslookdown: "eyesLookDown",
  // VRoid Studio.
  fclmtha: "viseme_aa",
  fclmthi: "viseme_I",
  fclmthu: "viseme_U",
  fclmthe: "viseme_E",
  fclmtho: "viseme_O",
  fcleyeclose: "eyesClosed",
  fcleyeclosel: "eyeBlinkLeft",
  fcleyecloser: "eyeBlinkRight",
  // VRM's and VRChat's vowels.
  a: "viseme_aa",
  i: "viseme_I",
  u: "viseme_U",
  e: "viseme_E",
  o: "viseme_O",
  ah: "viseme_aa",
  ih: "viseme_I",
  ou: "viseme_U",
  oh: "viseme_O",
  vih: "viseme_I",
  voh: "viseme_O",
  vou: "viseme_U",
  // MikuMikuDance.
  あ: "viseme_aa",
  い: "viseme_I",
  う: "viseme_U",
  え: "viseme_E",
  お: "viseme_O",
  まばたき: "eyesClosed",
  笑い: "mouthSmile",
};

const known = new Map<string, string>();
for (const name of ARKIT) known.set(name.toLowerCase(), name);
for (const name of Object.keys(COMBINED)) known.set(name.toLowerCase(), name);
for (const v of VISEMES) {
  known.set(`viseme${v.toLowerCase()}`, `viseme_${v}`);
  known.set(`v${v.toLowerCase()}`, `viseme_${v}`);
}
for (const [alias, name] of Object.entries(ALIASES)) known.set(alias, name);

/**
 * The name we know a morph by: ARKit's, "viseme_..." or a key of `COMBINED`; undefined for a stranger.
 *
 * Takes "mouthSmile_L", "blendShape1.JawOpen", "vrc.v_aa", "Viseme_AA", "eye_blink_left", "Wolf3D:mouthOpen".
 */
export function canonical(name: string): string | undefined {
  const last = name.split(/[.:|/]/).at(-1) ?? name;
  const plain = last.toLowerCase().replace(/[\s_-]/g, "");
  const found = known.get(plain);
  if (found) return found;
  const side = /^(.*?)(l|r)$/.exec(plain);
  if (side && /[_\s-][lr]$/i.test(last)) return known.get(`${side[1]}${side[2] === "l" ? "left" : "right"}`);
  return undefined;
}
