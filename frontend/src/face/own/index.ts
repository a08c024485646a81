// Own avatars for the page, without any page: hand in the file that was dropped or chosen, get a report or a
// sentence to show. The avatar on the stage changes only when its settings name the report's look.

import { checkSize } from "./inspect";
import { AvatarProblem, shown } from "./problem";
import type { Report } from "./report";
import { forget, keep } from "./store";

export { AvatarProblem } from "./problem";
export type { Report } from "./report";

/** Looks of this kind are the person's own. */
export const isOwn = (look: string): boolean => look.startsWith("own:");

/**
 * Reads a GLB or VRM, keeps it in this browser, and tells what it can do; then
 * `face.settings({ ...settings, look: report.look })` shows it. Nothing leaves the browser.
 *
 * Throws AvatarProblem, whose message is for the person, and then nothing has changed.
 */
export async function loadOwnAvatar(file: File): Promise<Report> {
  checkSize(file.size);
  let bytes: ArrayBuffer;
  try {
    bytes = await file.arrayBuffer();
  } catch {
    throw new AvatarProblem(
      "This file cannot be opened. It may have been moved, or be in use by another program.",
    );
  }
  const { build } = await import("./build");
  const { puppet, report } = await build(bytes);
  puppet.dispose();
  const name = shown(file.name.replace(/\.(glb|vrm|gltf)$/i, "")) || "My avatar";
  const look = `own:${Date.now().toString(36)}${Math.random().toString(36).slice(2, 8)}`;
  try {
    await keep({ look, name, file: new Blob([bytes]) });
  } catch {
    throw new AvatarProblem(
      "This browser has no room to keep the avatar. Free some space, or leave the private window.",
    );
  }
  return { look, name, ...report };
}

/** Forgets the own avatar; give the face another look first. */
export const forgetOwnAvatar = forget;

/** The first avatar file among what was dropped on the page or chosen, if any. */
export function avatarFile(items: Iterable<File> | null | undefined): File | undefined {
  for (const file of items ?? []) if (/\.(glb|vrm|gltf)$/i.test(file.name)) return file;
  return undefined;
}
