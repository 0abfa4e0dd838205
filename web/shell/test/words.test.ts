/** Both languages say everything, in the same places, and nothing that no screen asks for. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Catalogue, format, resolveLocale, resolveTag } from '../../kit/src/i18n/catalogue.ts';
import en from '../../kit/src/i18n/en.json';
import zh from '../../kit/src/i18n/zh.json';

const root = join(import.meta.dirname, '../..');
const sources = [join(root, 'shell/src'), join(root, 'kit/src')]
  .flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name)),
  )
  .filter((path) => path.endsWith('.ts'))
  .map((path) => readFileSync(path, 'utf8'));
const text = sources.join('\n');
const places = (message: unknown) =>
  [...JSON.stringify(message).matchAll(/\{(\w+)\}/g)].map((hit) => hit[1]).sort();

describe('words', () => {
  it('are the same set in both languages', () => {
    expect(Object.keys(zh)).toEqual(Object.keys(en));
  });

  it('have the same places to fill', () => {
    for (const [key, message] of Object.entries(en as Catalogue)) {
      const unique = (list: unknown[]) => [...new Set(list)];
      expect(unique(places((zh as Catalogue)[key])), key).toEqual(unique(places(message)));
    }
  });

  it('are all asked for, and all that is asked for is there', () => {
    expect(sources.length).toBeGreaterThan(20);
    const keys = Object.keys(en);
    const unused = keys.filter((key) => !key.startsWith('problem.') && !text.includes(`'${key}'`));
    expect(unused).toEqual([]);
    const asked = [...text.matchAll(/\bt\(\s*'([a-z.-]+)'/g)].map((hit) => hit[1]!);
    expect(asked.length).toBeGreaterThan(50);
    expect(asked.filter((key) => !keys.includes(key))).toEqual([]);
  });

  it('have full-width punctuation in Chinese', () => {
    expect(
      Object.entries(zh).filter(([, message]) => /[\u4e00-\u9fff][,:;!?]/.test(JSON.stringify(message))),
    ).toEqual([]);
  });

  it('have one Chinese word for each kind of code', () => {
    const all: Record<string, string> = {};
    for (const path of ['kit/src/i18n', ...readdirSync(join(root, 'apps')).map((app) => `apps/${app}/src`)])
      for (const [key, message] of Object.entries(
        JSON.parse(readFileSync(join(root, path, 'zh.json'), 'utf8')) as Catalogue,
      ))
        all[key] = typeof message === 'string' ? message : message.other;
    const having = (word: string) => Object.keys(all).filter((key) => all[key]!.includes(word));
    expect(having('代码')).toEqual(['problem.apk-no-code', 'problem.apk-not-translated']); // a program's
    expect(having('验证码').filter((key) => !/vault-ask|vault-answer|ask-code/.test(key))).toEqual([]);
    expect(having('配对码').filter((key) => !/pair/.test(key))).toEqual([]);
    expect(having('共享号')).toEqual([]);
    for (const key of ['pair.code', 'problem.no-pairing', 'activity.pairing-made'])
      expect(all[key], key).toContain('配对码');
    for (const key of ['files.vault-ask-code', 'notices.vault-ask-how', 'problem.wrong-ask-code'])
      expect(all[key], key).toContain('验证码');
    for (const key of ['files.vault-code', 'family.make-code', 'welcome.code', 'vault.code-end'])
      expect(all[key], key).toContain('恢复码');
  });

  it('count as the language counts', () => {
    expect(format(en, 'en', 'home.unsafe', { count: 1 })).toBe('1 item not yet safe');
    expect(format(en, 'en', 'home.unsafe', { count: 2 })).toBe('2 items not yet safe');
    expect(format(zh, 'zh', 'home.unsafe', { count: 1 })).toBe('1 项待同步');
    expect(format(en, 'en', 'app-passwords.days', { count: 1 })).toBe('1 day');
    expect(format(en, 'en', 'activity.times', { count: 1, what: 'A' })).toBe('A (1 time)');
    expect(format(en, 'en', 'activity.times', { count: 2, what: 'A' })).toBe('A (2 times)');
  });

  it('have a form for one of what is counted, but where no noun follows', () => {
    const alone = ['pin.minutes', 'messages.more-skipped'];
    const folders = readdirSync(join(root, 'apps')).map((app) => join(root, 'apps', app, 'src/en.json'));
    const all = folders.flatMap((path) =>
      Object.entries(JSON.parse(readFileSync(path, 'utf8')) as Catalogue),
    );
    const counted = [...Object.entries(en as Catalogue), ...all].filter(([, one]) =>
      places(one).includes('count'),
    );
    expect(counted.length).toBeGreaterThan(50);
    const lacking = counted.filter(([, one]) => typeof one === 'string' || one.one === undefined);
    expect(lacking.map(([key]) => key).sort()).toEqual(alone.sort());
  });

  it('follow the browser unless told', () => {
    expect(resolveLocale('auto', ['fr-FR', 'zh-TW', 'en'])).toBe('zh');
    expect(resolveLocale('auto', ['fr-FR'])).toBe('en');
    expect(resolveLocale('en', ['zh-CN'])).toBe('en');
    expect(resolveTag('en', ['zh-CN'])).toBe('en-GB');
  });
});
