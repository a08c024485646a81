// A model of the person's own, dropped on the page or chosen in the settings. It never leaves the browser.

import { byId } from "./dom";

export interface Own {
  readonly look: string;
  readonly name: string;
}

/** `say` tells what the model can do, or why it can't be used, in plain sentences. */
export function welcomeOwnAvatars(
  chosen: (own: Own) => void,
  say: (text: string, more: string) => void,
): void {
  const input = byId<HTMLInputElement>("own-file");
  byId("own-open").addEventListener("click", () => input.click());
  input.addEventListener("change", () => {
    void load(input.files, chosen, say);
    input.value = "";
  });
  addEventListener("dragover", (event) => event.preventDefault());
  addEventListener("drop", (event) => {
    // Otherwise the browser would leave the page to show the file.
    event.preventDefault();
    void load(event.dataTransfer?.files, chosen, say);
  });
}

async function load(
  files: FileList | null | undefined,
  chosen: (own: Own) => void,
  say: (text: string, more: string) => void,
): Promise<void> {
  if (!files?.length) return;
  const list = [...files];
  const { avatarFile, AvatarProblem, loadOwnAvatar } = await import("../face/own");
  const file = avatarFile(list);
  if (file === undefined) {
    say("That is no avatar.", "A GLB or VRM file can be dropped here.");
    return;
  }
  try {
    const report = await loadOwnAvatar(file);
    chosen({ look: report.look, name: report.name });
    say(
      `${report.name} is here (${report.kind}, ${report.found.length} face shapes).`,
      report.standIns.join(" "),
    );
  } catch (error) {
    if (!(error instanceof AvatarProblem)) throw error;
    say(error.message, "");
  }
}
