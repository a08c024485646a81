// Languages offered in the settings: those that both Edge's voices and espeak-ng speak.

// biome-ignore format: a list to read in rows
const TAGS = [
  "ar-EG", "bg-BG", "ca-ES", "cs-CZ", "da-DK", "de-AT", "de-CH", "de-DE", "el-GR", "en-AU", "en-GB", "en-IN",
  "en-US", "es-ES", "es-MX", "et-EE", "fa-IR", "fi-FI", "fr-CA", "fr-FR", "hi-IN", "hr-HR", "hu-HU", "id-ID",
  "it-IT", "ja-JP", "ko-KR", "lt-LT", "lv-LV", "nb-NO", "nl-NL", "pl-PL", "pt-BR", "pt-PT", "ro-RO", "ru-RU",
  "sk-SK", "sl-SI", "sv-SE", "tr-TR", "uk-UA", "vi-VN", "zh-CN",
];

/** [tag, name in its own language], by name; `also` is offered too if it is none of the known ones. */
export function languages(also: string): [string, string][] {
  const tags = TAGS.includes(also) ? TAGS : [...TAGS, also];
  return tags.map((tag): [string, string] => [tag, nameOf(tag)]).sort(([, a], [, b]) => a.localeCompare(b));
}

function nameOf(tag: string): string {
  try {
    return new Intl.DisplayNames([tag], { type: "language" }).of(tag) ?? tag;
  } catch {
    return tag;
  }
}
