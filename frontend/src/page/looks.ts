// The looks that there are, from looks.json beside the models.

export interface Look {
  readonly id: string;
  readonly name: string;
  readonly colours: Readonly<Record<string, string>>;
}

export interface Looks {
  readonly looks: readonly Look[];
  /** Colours to offer for each part. */
  readonly presets: Readonly<Record<string, readonly { readonly colour: string }[]>>;
}

/** Empty when the file is missing: then there is only the drawn face. */
export async function fetchLooks(folder: string): Promise<Looks> {
  try {
    const answer = await fetch(`${folder}looks.json`);
    if (!answer.ok) throw new Error(answer.statusText);
    return (await answer.json()) as Looks;
  } catch {
    return { looks: [], presets: {} };
  }
}
