/** The language that is shown now, and the kit's and the shell's own words. */

import type { ReactiveController, ReactiveControllerHost } from 'lit';
import {
  type Catalogue,
  format,
  type Locale,
  type LocaleChoice,
  type Params,
  resolveLocale,
  resolveTag,
} from './catalogue.ts';
import en from './en.json';
import { bytesText, timeText } from './units.ts';
import zh from './zh.json';

export * from './catalogue.ts';
export * from './units.ts';

const listeners = new Set<() => void>();
const catalogues: Record<Locale, Catalogue> = { en, zh };
let shown: Locale = resolveLocale('auto', languages());
let tag = resolveTag(shown, languages());

export function locale(): Locale {
  return shown;
}

/** BCP 47 tag for `Intl`. */
export function localeTag(): string {
  return tag;
}

export function setLocale(choice: LocaleChoice): void {
  shown = resolveLocale(choice, languages());
  tag = resolveTag(shown, languages());
  if (globalThis.document) document.documentElement.lang = shown === 'zh' ? 'zh-CN' : 'en';
  for (const listener of listeners) listener();
}

export function onLocale(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Adds an app's own words; keys of an app start with its id. */
export function addWords(words: Record<Locale, Catalogue>): void {
  catalogues.en = { ...catalogues.en, ...words.en };
  catalogues.zh = { ...catalogues.zh, ...words.zh };
}

export function t(key: string, params?: Params): string {
  return format(catalogues[shown], shown, key, params);
}

export function has(key: string): boolean {
  return key in catalogues[shown];
}

/** One sentence for a problem: our own words for the codes that we know, else those that came with it. */
export function problemWords(code: string, detail: string): string {
  const key = `problem.${code}`;
  return has(key) ? t(key) : detail || t('problem.unknown');
}

/** Bytes in the language that is shown; see `bytesText`. */
export function bytes(count: number): string {
  return bytesText(count, tag);
}

/** A moment's time of day in the language that is shown; see `timeText`. */
export function time(at: Date | number): string {
  return timeText(at, tag);
}

/** Draws its element again when the language changes. */
export class Words implements ReactiveController {
  private off?: () => void;
  constructor(private readonly host: ReactiveControllerHost) {
    host.addController(this);
  }
  hostConnected(): void {
    this.off = onLocale(() => this.host.requestUpdate());
  }
  hostDisconnected(): void {
    this.off?.();
  }
}

function languages(): readonly string[] {
  return globalThis.navigator?.languages ?? ['en'];
}
