// looks.json: which built-in avatars there are and how their derived morphs and wrinkles come about.

import type { Style } from "../drawn/style";
import type { Correctives, Wrinkles } from "./rig";
import type { Palette } from "./shading";

export interface Look {
  readonly id: string;
  readonly name: string;
  readonly file: string;
  readonly colours: Palette;
  /** How a drawing of it looks. */
  readonly drawn?: Partial<Style>;
}

export interface Looks {
  readonly looks: readonly Look[];
  readonly correctives?: Correctives;
  readonly wrinkles?: Wrinkles;
}

const asked = new Map<string, Promise<Looks>>();

/** Fetched once per place; a failure is forgotten, so that it can be tried again. */
export function fetchLooks(avatar: string): Promise<Looks> {
  let answer = asked.get(avatar);
  if (!answer) {
    answer = fetch(`${avatar}looks.json`).then(async (response) => {
      if (!response.ok) throw new Error(`${response.url} answered ${response.status}`);
      return (await response.json()) as Looks;
    });
    answer.catch(() => asked.delete(avatar));
    asked.set(avatar, answer);
  }
  return answer;
}

/** The look of that id, or the first. */
export function pick(looks: Looks, id: string): Look {
  const look = looks.looks.find((l) => l.id === id) ?? looks.looks[0];
  if (!look) throw new Error("looks.json names no look");
  return look;
}
