// The settings: a form whose fields carry the names of the preferences. Every change takes effect at once.

import { byId, el } from "./dom";
import { languages } from "./languages";
import { fetchLooks, type Looks } from "./looks";
import type { Own } from "./own-avatar";
import { check, defaults, type Preferences } from "./preferences";

export class SettingsDialog {
  readonly #dialog = byId<HTMLDialogElement>("settings");
  readonly #form = byId<HTMLFormElement>("settings-form");
  readonly #colours = byId("colours");
  #looks: Looks = { looks: [], presets: {} };

  constructor(
    private readonly preferred: () => Preferences,
    private readonly language: string,
    avatar: string,
    private readonly changed: (preferences: Preferences) => void,
  ) {
    byId("settings-open").addEventListener("click", async () => {
      this.#fill();
      this.#dialog.showModal();
      this.#looks = await fetchLooks(avatar);
      this.#fill();
    });
    byId("settings-reset").addEventListener("click", () => {
      const { muted, ownLook, ownName } = this.preferred();
      this.changed({ ...defaults(language), muted, ownLook, ownName });
      this.#fill();
    });
    this.#form.addEventListener("change", (event) => this.#read(event.target as HTMLInputElement));
    this.#form.addEventListener("input", (event) => {
      const field = event.target as HTMLInputElement;
      // What can be dragged takes effect while it is dragged.
      if (field.type === "range" || field.type === "color") this.#read(field);
    });
  }

  /** The person brought a model; it goes on stage. */
  bring(own: Own): void {
    this.changed({ ...this.preferred(), look: own.look, ownLook: own.look, ownName: own.name, colours: {} });
    this.#fill();
  }

  #read(field: HTMLInputElement | HTMLSelectElement): void {
    const { name, value } = field;
    if (name.startsWith("colour.")) {
      const colours = { ...this.preferred().colours, [name.slice(7)]: value };
      this.changed({ ...this.preferred(), colours });
      return;
    }
    const checked = field instanceof HTMLInputElement && field.type === "checkbox" ? field.checked : value;
    const raw = { ...this.preferred(), [name]: checked };
    // Colours belong to the look for which they were chosen.
    this.changed(check(name === "look" ? { ...raw, colours: {} } : raw, this.preferred()));
    if (name === "look") this.#fillColours();
  }

  #fill(): void {
    const offered = languages(this.preferred().language || this.language);
    this.#options("language", offered, this.preferred().language);
    const looks = this.#looks.looks.map((look): [string, string] => [look.id, look.name]);
    const look = this.preferred().look || (looks[0]?.[0] ?? "drawn");
    const { ownLook, ownName } = this.preferred();
    const own: [string, string][] = ownLook ? [[ownLook, ownName]] : [];
    this.#options("look", [...looks, ...own, ["drawn", "Drawn"]], look);
    for (const name of ["voice", "liveliness", "motion", "mouthOffsetMs", "theme", "captions"] as const) {
      (this.#field(name) as HTMLInputElement).value = String(this.preferred()[name]);
    }
    for (const name of ["announce", "serverEars"] as const)
      (this.#field(name) as HTMLInputElement).checked = this.preferred()[name];
    this.#fillColours();
  }

  #fillColours(): void {
    const look = this.#looks.looks.find((one) => one.id === (this.#field("look") as HTMLSelectElement).value);
    this.#colours.replaceChildren(
      ...Object.entries(look?.colours ?? {}).map(([part, usual]) => {
        const input = el("input", { type: "color", name: `colour.${part}` });
        input.value = this.preferred().colours[part] ?? usual;
        const presets = this.#looks.presets[part] ?? [];
        const list = el(
          "datalist",
          { id: `presets-${part}` },
          ...presets.map(({ colour }) => el("option", { value: colour })),
        );
        if (presets.length > 0) input.setAttribute("list", list.id);
        return el("label", {}, `${part[0]?.toUpperCase()}${part.slice(1)}`, input, list);
      }),
    );
  }

  #options(name: string, options: readonly [string, string][], chosen: string): void {
    const select = this.#field(name) as HTMLSelectElement;
    select.replaceChildren(...options.map(([value, text]) => el("option", { value }, text)));
    select.value = chosen;
  }

  #field(name: string): Element | RadioNodeList | null {
    return this.#form.elements.namedItem(name);
  }
}
