// "Forget me": deletes what the server keeps of the person, after asking once more.

import { byId } from "./dom";

const SURE = 6000;

/** Makes the button work. */
export function forgetting(): void {
  const button = byId<HTMLButtonElement>("forget");
  const told = byId("forgotten");
  const label = button.textContent ?? "";
  let sure = 0;
  const calm = () => {
    clearTimeout(sure);
    sure = 0;
    button.textContent = label;
  };
  button.addEventListener("click", async () => {
    if (sure === 0) {
      button.textContent = "Really forget everything?";
      sure = window.setTimeout(calm, SURE);
      return;
    }
    calm();
    button.disabled = true;
    told.textContent = await answer();
    button.disabled = false;
  });
}

async function answer(): Promise<string> {
  try {
    const response = await fetch("/me/forget", { method: "POST" });
    if (!response.ok) return "That did not work. Please try again in a minute.";
    const { forgotten } = (await response.json()) as { forgotten: number };
    return forgotten === 1 ? "One conversation is forgotten." : `${forgotten} conversations are forgotten.`;
  } catch {
    return "The server cannot be reached at the moment.";
  }
}
