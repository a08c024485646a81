// What a drawing wears: the same as the model of the look, in as few lines as tell it from the others.

export type Hair = "waves" | "sweep" | "bun" | "crop" | "swept_back" | "afro";
export type Clothes = "crew" | "hoodie" | "turtle" | "polo";

export interface Style {
  readonly hair: Hair;
  readonly clothes: Clothes;
  readonly glasses: "round" | "square" | "cat" | null;
  readonly moustache: boolean;
  /** 0..1 each: how much of lashes, and how broad a chin. */
  readonly lash: number;
  readonly jaw: number;
}

/** Of nobody in particular: for where the looks cannot be asked for. */
export const PLAIN: Style = {
  hair: "sweep",
  clothes: "crew",
  glasses: null,
  moustache: false,
  lash: 0.4,
  jaw: 0.3,
};

/** CSS colours. */
export interface Inks {
  readonly skin: string;
  readonly shade: string;
  readonly blush: string;
  readonly hair: string;
  readonly gloss: string;
  readonly brows: string;
  readonly eyes: string;
  readonly clothes: string;
  readonly fold: string;
  readonly trim: string;
  readonly frame: string;
  readonly lip: string;
}

export function inks(c: Readonly<Record<string, string>>): Inks {
  const hair = c.hair ?? "#3f261b";
  const clothes = c.clothes ?? "#47789a";
  // The browser mixes the shades, so any CSS colour will do.
  const toward = (colour: string, other: string, share: number) =>
    `color-mix(in oklab, ${colour} ${100 - share}%, ${other} ${share}%)`;
  // The model stands in warm light, which pale skin throws back most; a drawing has to bring it along.
  const base = c.skin ?? "#e0ab8a";
  const red = Number.parseInt(base.slice(1, 3), 16) / 255 || 0;
  const skin = toward(base, "#ffc7a0", Math.round(50 * Math.max(0, red - 0.45)));
  return {
    skin,
    shade: toward(skin, "#7a2e1c", 28),
    blush: toward(skin, "#ff4d4d", 45),
    hair,
    gloss: toward(hair, "white", 18),
    brows: c.brows ?? toward(hair, "black", 25),
    eyes: c.eyes ?? "#6b4423",
    clothes,
    fold: toward(clothes, "black", 18),
    trim: c.trim ?? toward(clothes, "black", 18),
    frame: c.frame ?? "#2d2a2b",
    lip: toward(skin, "#78182a", 56),
  };
}
