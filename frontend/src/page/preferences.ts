// What the person chose, kept in this browser. Everything that is read back is checked: storage is input too.

export interface Preferences {
  readonly language: string;
  readonly voice: string;
  /** "" for the first there is. */
  readonly look: string;
  /** The person's own model, "" where there is none, and what it is called. */
  readonly ownLook: string;
  readonly ownName: string;
  readonly colours: Readonly<Record<string, string>>;
  readonly liveliness: number;
  readonly motion: "auto" | "full" | "reduced";
  readonly mouthOffsetMs: number;
  readonly theme: "auto" | "light" | "dark";
  readonly captions: "small" | "medium" | "large" | "huge";
  readonly announce: boolean;
  readonly muted: boolean;
  /** Keep my voice on this server: the browser's recogniser, which may send it elsewhere, is not used. */
  readonly serverEars: boolean;
}

const KEPT = "visavis.preferences";
const TAG = /^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$/;
const LOOK = /^(own:)?[\w-]*$/;
const COLOUR = /^#[0-9a-f]{6}$/i;

export function defaults(language: string): Preferences {
  return {
    language,
    voice: "",
    look: "",
    ownLook: "",
    ownName: "",
    colours: {},
    liveliness: 0.7,
    motion: "auto",
    mouthOffsetMs: 0,
    theme: "auto",
    captions: "medium",
    announce: true,
    muted: false,
    serverEars: false,
  };
}

/** `raw` where it makes sense, `base` where it doesn't. */
export function check(raw: unknown, base: Preferences): Preferences {
  const given = (typeof raw === "object" && raw !== null ? raw : {}) as Record<string, unknown>;
  const text = (key: "language" | "voice" | "look" | "ownLook" | "ownName", pattern: RegExp): string => {
    const value = given[key];
    return typeof value === "string" && value.length <= 100 && pattern.test(value) ? value : base[key];
  };
  const number = (key: "liveliness" | "mouthOffsetMs", low: number, high: number): number => {
    const value = Number(given[key] ?? Number.NaN);
    return Number.isFinite(value) ? Math.min(high, Math.max(low, value)) : base[key];
  };
  const choice = <T extends string>(key: keyof Preferences, values: readonly T[]): T => {
    const value = given[key] as T;
    return values.includes(value) ? value : (base[key] as T);
  };
  const yes = (key: "announce" | "muted" | "serverEars"): boolean => {
    const value = given[key];
    return typeof value === "boolean" ? value : base[key];
  };
  return {
    language: text("language", TAG),
    voice: text("voice", /^[\w .:()-]*$/),
    look: text("look", LOOK),
    ownLook: text("ownLook", LOOK),
    ownName: text("ownName", /^/),
    colours: colours(given.colours) ?? base.colours,
    liveliness: number("liveliness", 0, 1),
    motion: choice("motion", ["auto", "full", "reduced"]),
    mouthOffsetMs: number("mouthOffsetMs", -300, 500),
    theme: choice("theme", ["auto", "light", "dark"]),
    captions: choice("captions", ["small", "medium", "large", "huge"]),
    announce: yes("announce"),
    muted: yes("muted"),
    serverEars: yes("serverEars"),
  };
}

function colours(raw: unknown): Record<string, string> | null {
  if (typeof raw !== "object" || raw === null) return null;
  const fit = ([part, colour]: [string, unknown]): boolean =>
    /^\w{1,20}$/.test(part) && typeof colour === "string" && COLOUR.test(colour);
  return Object.fromEntries(
    Object.entries(raw as Record<string, string>)
      .filter(fit)
      .slice(0, 20),
  );
}

export function load(language: string): Preferences {
  try {
    return check(JSON.parse(localStorage.getItem(KEPT) ?? "null"), defaults(language));
  } catch {
    return defaults(language);
  }
}

export function save(preferences: Preferences): void {
  try {
    localStorage.setItem(KEPT, JSON.stringify(preferences));
  } catch {
    // Storage may be forbidden or full; the choice then lasts as long as the page.
  }
}
