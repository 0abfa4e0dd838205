import { expect, test } from 'vitest';
import en from '../src/en.json';
import { asked, KEYS } from '../src/permissions.ts';
import zh from '../src/zh.json';

test('permissions with one meaning are said once, the weighty ones first', () => {
  const wishes = ['VIBRATE', 'WRITE_EXTERNAL_STORAGE', 'READ_EXTERNAL_STORAGE', 'INTERNET'];
  expect(
    asked(
      wishes.map((name) => `android.permission.${name}`),
      'a.app',
    ),
  ).toEqual({
    meanings: ['store.may-network', 'store.may-files', 'store.may-vibration'],
    others: [],
  });
});

test("what is not Android's, or not known, is shown by its whole name", () => {
  const others = ['org.example.INTERNET', 'android.permission.FUTURE', 'INTERNET'];
  expect(asked([...others, 'a.app.NOT_EXPORTED'], 'a.app')).toEqual({ meanings: [], others });
  expect(asked([], 'a.app')).toEqual({ meanings: [], others: [] });
});

test('a package that is called like the system hides nothing', () => {
  const name = 'android.permission.FUTURE';
  expect(asked([name], 'android.permission').others).toEqual([name]);
});

test('each meaning has its words in both languages', () => {
  for (const words of [en, zh] as Record<string, unknown>[])
    expect(KEYS.filter((key) => !words[key])).toEqual([]);
});
