// Theme, motion and the size of captions, as the person or the system wants them.

import type { Preferences } from "./preferences";

const dark = matchMedia("(prefers-color-scheme: dark)");
const still = matchMedia("(prefers-reduced-motion: reduce)");

export function themeOf(preferences: Preferences): "light" | "dark" {
  if (preferences.theme !== "auto") return preferences.theme;
  return dark.matches ? "dark" : "light";
}

export function reducedMotion(preferences: Preferences): boolean {
  return preferences.motion === "auto" ? still.matches : preferences.motion === "reduced";
}

/** Writes them to <html>, where the style sheets look for them. */
export function applyTheme(preferences: Preferences): void {
  const root = document.documentElement.dataset;
  root.theme = themeOf(preferences);
  root.motion = reducedMotion(preferences) ? "reduced" : "full";
  root.captions = preferences.captions;
}

/** Calls back when the system's own wishes change. */
export function onSystemChange(callback: () => void): void {
  dark.addEventListener("change", callback);
  still.addEventListener("change", callback);
}
