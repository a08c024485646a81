// What an own avatar can do, in words: found, missing, and what stands in.

import { ARKIT } from "../motion/channels";
import type { Kind } from "./inspect";
import { COMBINED, canonical, VISEMES } from "./names";

export interface Report {
  /** For `FaceSettings.look`; settings with it show this avatar. */
  readonly look: string;
  readonly name: string;
  readonly kind: Kind;
  readonly triangles: number;
  /** Names that we know, as ARKit, Oculus or VRM write them. */
  readonly found: readonly string[];
  readonly missing: readonly string[];
  /** One sentence for each part of the face that is made some other way, or not at all. */
  readonly standIns: readonly string[];
}

/** What a model offers besides morphs. */
export interface Bones {
  readonly head: boolean;
  readonly jaw: boolean;
  readonly eyes: boolean;
}

/** The known names among a model's morphs, each ARKit pair that a combined morph covers included. */
export function coverage(morphs: Iterable<string>): { found: string[]; covered: Set<string> } {
  const found = new Set<string>();
  const covered = new Set<string>();
  for (const morph of morphs) {
    const name = canonical(morph);
    if (!name) continue;
    found.add(name);
    for (const channel of COMBINED[name] ?? [name]) covered.add(channel);
  }
  return { found: [...found], covered };
}

const ALL = [...ARKIT, ...VISEMES.filter((v) => v !== "sil").map((v) => `viseme_${v}`)];

export function compare(
  morphs: Iterable<string>,
  bones: Bones,
): Pick<Report, "found" | "missing" | "standIns"> {
  const { found, covered } = coverage(morphs);
  const has = (...names: string[]): boolean => names.every((n) => covered.has(n));
  const standIns: string[] = [];
  const visemes = ["PP", "FF", "aa", "E", "O", "U", "SS", "nn"].map((v) => `viseme_${v}`);
  const vowels = ["aa", "I", "U", "E", "O"].map((v) => `viseme_${v}`);
  if (!has(...visemes)) {
    if (has("jawOpen", "mouthFunnel", "mouthPucker"))
      standIns.push("Speech is shaped from the ARKit mouth morphs.");
    else if (has(...vowels))
      standIns.push("Speech is shaped from the five vowels; lips on teeth are only hinted at.");
    else if (has("jawOpen") || has("viseme_aa"))
      standIns.push("Speech only opens and closes the mouth: it has no other shapes.");
    else if (bones.jaw) standIns.push("Speech moves the jaw bone: there are no mouth morphs.");
    else
      standIns.push(
        "The mouth cannot move: there is neither a mouth morph nor a jaw bone. The head nods along.",
      );
  }
  if (!has("eyeBlinkLeft", "eyeBlinkRight")) standIns.push("The eyes cannot blink.");
  if (!has("eyeLookUpLeft", "eyeLookDownLeft", "eyeLookInLeft", "eyeLookOutLeft")) {
    standIns.push(
      bones.eyes ? "The gaze turns the eye bones." : "The eyes cannot move; the head looks for them.",
    );
  }
  if (!has("browInnerUp") || !has("browDownLeft", "browDownRight"))
    standIns.push("Feelings show without brows.");
  if (!has("mouthSmileLeft", "mouthSmileRight"))
    standIns.push("There is no smile; feelings show in the eyes and the head.");
  if (!bones.head) standIns.push("There is no head bone: the whole model moves instead.");
  return { found, missing: ALL.filter((n) => !covered.has(n)), standIns };
}
