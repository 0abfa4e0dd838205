import { afterEach, expect, it } from 'vitest';
import { locale, setLocale } from '../src/i18n/index.ts';
import { wear } from '../src/theme/wear.ts';

const root = { dataset: {} as Record<string, string>, style: new Map<string, string>(), lang: '' };
const page = {
  documentElement: {
    ...root,
    style: { setProperty: (name: string, value: string) => root.style.set(name, value) },
  },
};
const before = Reflect.get(globalThis, 'document');

afterEach(() => {
  Reflect.set(globalThis, 'document', before);
  setLocale('en');
});

it("an app takes on the phone's theme, language and accent, and keeps its accent without one", () => {
  Reflect.set(globalThis, 'document', page);
  wear({ theme: 'dark', locale: 'zh', accent: '#123456' });
  expect(page.documentElement.dataset.theme).toBe('dark');
  expect(locale()).toBe('zh');
  wear({ theme: 'light', locale: 'en', accent: '' });
  expect(page.documentElement.dataset.theme).toBe('light');
  expect(root.style.get('--pl-accent')).toBe('#123456');
});
