// The settings: a form whose fields carry the names of the preferences. Every change takes effect at once.

import { byId, el } from "./dom";
import { languages } from "./languages";
import { fetchLooks, type Looks } from "./looks";
import { check, defaults, type Preferences } from "./preferences";

export class SettingsDialog {
  readonly #dialog = byId<HTMLDialogElement>("settings");
  readonly #form = byId<HTMLFormElement>("settings-form");
  readonly #colours = byId("colours");
  #looks: Looks = { looks: [], presets: {} };

  constructor(
    private preferences: Preferences,
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
      this.#set({ ...defaults(language), muted: this.preferences.muted });
      this.#fill();
    });
    this.#form.addEventListener("change", (event) => this.#read(event.target as HTMLInputElement));
    this.#form.addEventListener("input", (event) => {
      const field = event.target as HTMLInputElement;
      // What can be dragged takes effect while it is dragged.
      if (field.type === "range" || field.type === "color") this.#read(field);
    });
  }

  #read(field: HTMLInputElement | HTMLSelectElement): void {
    const { name, value } = field;
    if (name.startsWith("colour.")) {
      const colours = { ...this.preferences.colours, [name.slice(7)]: value };
      this.#set({ ...this.preferences, colours });
      return;
    }
    const checked = field instanceof HTMLInputElement && field.type === "checkbox" ? field.checked : value;
    const raw = { ...this.preferences, [name]: checked };
    // Colours belong to the look for which they were chosen.
    this.#set(check(name === "look" ? { ...raw, colours: {} } : raw, this.preferences));
    if (name === "look") this.#fillColours();
  }

  #set(preferences: Preferences): void {
    this.preferences = preferences;
    this.changed(preferences);
  }

  #fill(): void {
    const offered = languages(this.preferences.language || this.language);
    this.#options("language", offered, this.preferences.language);
    const looks = this.#looks.looks.map((look): [string, string] => [look.id, look.name]);
    const look = this.preferences.look || (looks[0]?.[0] ?? "drawn");
    this.#options("look", [...looks, ["drawn", "Drawn"]], look);
    for (const name of ["voice", "liveliness", "motion", "mouthOffsetMs", "theme", "captions"] as const) {
      (this.#field(name) as HTMLInputElement).value = String(this.preferences[name]);
    }
    (this.#field("announce") as HTMLInputElement).checked = this.preferences.announce;
    this.#fillColours();
  }

  #fillColours(): void {
    const look = this.#looks.looks.find((one) => one.id === (this.#field("look") as HTMLSelectElement).value);
    this.#colours.replaceChildren(
      ...Object.entries(look?.colours ?? {}).map(([part, usual]) => {
        const input = el("input", { type: "color", name: `colour.${part}` });
        input.value = this.preferences.colours[part] ?? usual;
        const presets = this.#looks.presets[part] ?? [];
        const list = el(
          "datalist",
          { id: `presets-${part}` },
          ...presets.map((value) => el("option", { value })),
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
