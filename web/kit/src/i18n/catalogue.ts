/** Words in the owner's language. A message is a string, or `{one, other}` chosen by `count`. */

export type Locale = 'en' | 'zh';
export type LocaleChoice = 'auto' | Locale;
export type Message = string | { one?: string; other: string };
export type Catalogue = { readonly [key: string]: Message };
export type Params = Readonly<Record<string, string | number>>;

export function resolveLocale(choice: LocaleChoice, languages: readonly string[]): Locale {
  if (choice !== 'auto') return choice;
  const first = languages.find((tag) => /^(en|zh)\b/i.test(tag));
  return first?.toLowerCase().startsWith('zh') ? 'zh' : 'en';
}

/** The tag for dates and numbers: the browser's own where it speaks the language that is shown. */
export function resolveTag(locale: Locale, languages: readonly string[]): string {
  return (
    languages.find((tag) => tag.toLowerCase().startsWith(locale)) ?? (locale === 'zh' ? 'zh-CN' : 'en-GB')
  );
}

/** Fills `{name}` places; an unknown key gives the key itself, so that a gap is seen. */
export function format(catalogue: Catalogue, locale: Locale, key: string, params: Params = {}): string {
  const message = catalogue[key];
  if (message === undefined) return key;
  const text = typeof message === 'string' ? message : plural(message, locale, params);
  return text.replace(/\{(\w+)\}/g, (place, name: string) => {
    const value = params[name];
    if (value === undefined) return place;
    return typeof value === 'number' ? value.toLocaleString(locale) : value;
  });
}

function plural(message: { one?: string; other: string }, locale: Locale, params: Params): string {
  const count = Number(params.count ?? 0);
  const form = new Intl.PluralRules(locale).select(count);
  return form === 'one' ? (message.one ?? message.other) : message.other;
}
