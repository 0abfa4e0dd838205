/** Light or dark: what the owner chose, or what the system says. */

export type ThemeChoice = 'auto' | 'light' | 'dark';
export type Theme = 'light' | 'dark';

const dark = () => globalThis.matchMedia?.('(prefers-color-scheme: dark)');

export function resolveTheme(choice: ThemeChoice, systemIsDark: boolean): Theme {
  if (choice !== 'auto') return choice;
  return systemIsDark ? 'dark' : 'light';
}

export function systemIsDark(): boolean {
  return dark()?.matches ?? false;
}

/** Puts the theme on the document; tokens.css does the rest. */
export function applyTheme(theme: Theme, root: HTMLElement = document.documentElement): void {
  root.dataset.theme = theme;
}

export function onSystemTheme(listener: () => void): () => void {
  const query = dark();
  query?.addEventListener('change', listener);
  return () => query?.removeEventListener('change', listener);
}
