/** How an app looks on the phone that shows it. */

import { type LocaleChoice, setLocale } from '../i18n/index.ts';
import { applyTheme, type Theme } from './theme.ts';

/** Takes on the phone's theme, language and accent; an app calls it with what the bridge tells of the phone. */
export function wear(env: { theme: Theme; locale: LocaleChoice; accent: string }): void {
  applyTheme(env.theme);
  setLocale(env.locale);
  if (env.accent) document.documentElement.style.setProperty('--pl-accent', env.accent);
}
