import { describe, expect, it } from 'vitest';
import { setLocale } from '../../kit/src/i18n/index.ts';
import { letterColours } from '../../kit/src/icons/letter.ts';
import { findApps, labelOf, parseApp } from '../src/apps/apps.ts';
import { hasEnded, installNotice, installOf } from '../src/notices/installs.ts';
import { group, NoticeStore } from '../src/notices/notices.ts';
import { mix } from '../src/windows/colour.ts';

const notice = (app: string, key: string, when: number) => ({ app, key, when, title: key, text: '' });

describe('notices', () => {
  it('take the place of the one with the same key, newest first, grouped by app', () => {
    const store = new NoticeStore();
    store.post(notice('a', '1', 1));
    store.post(notice('b', '1', 2));
    store.post({ ...notice('a', '1', 3), text: 'new' });
    expect(store.all().map((one) => one.app)).toEqual(['a', 'b']);
    expect(group(store.all())[0]?.notices).toHaveLength(1);
  });

  it('keep what goes on when all are cleared', () => {
    const store = new NoticeStore();
    store.post({ ...notice('store', 'install', 1), ongoing: true });
    store.post(notice('a', '1', 2));
    store.clearAll();
    expect(store.all().map((one) => one.app)).toEqual(['store']);
  });

  it('go with the app that is removed', () => {
    const store = new NoticeStore();
    store.post(notice('gone', 'a', 1));
    store.post(notice('kept', 'b', 2));
    store.clearOf(['gone', 'never']);
    expect(store.all().map((one) => one.key)).toEqual(['b']);
  });

  it('follow an install from its record to its end', () => {
    const on = installNotice('j', { phase: 'translate', progress: 0.4 }, 5);
    expect(on).toMatchObject({ progress: 0.4, ongoing: true });
    expect(installNotice('j', { phase: 'failed', message: 'Not an APK.' }, 6)).toMatchObject({
      key: on.key,
      text: 'Not an APK.',
    });
  });

  it('name the app that could not be installed, as far as it is known', () => {
    const failed = { phase: 'failed', code: 'not-an-apk', label: 'Maps' };
    expect(installNotice('j', failed, 1).title).toBe('Maps could not be installed');
    const unread = { phase: 'failed', name: 'holiday.apk', code: 'not-an-apk' };
    expect(installNotice('j', unread, 1).title).toBe('holiday.apk could not be installed');
    expect(installOf(installNotice('j', failed, 1))).toBe('j');
    expect(installOf(notice('notes', 'install-j', 1))).toBeUndefined();
  });

  it('tell an install that goes on from one that has ended', () => {
    expect(['check', 'translate', 'done', 'failed'].map((phase) => hasEnded({ phase }))).toEqual([
      false,
      false,
      true,
      true,
    ]);
  });

  it('say in the language that is shown why an install failed', () => {
    const failed = { phase: 'failed', code: 'not-an-apk', message: 'This file is not an Android package: …' };
    expect(installNotice('j', failed, 1).text).toBe('This file is not an Android package.');
    setLocale('zh');
    expect(installNotice('j', failed, 1).text).toBe('这个文件不是 Android 安装包。');
    setLocale('en');
  });
});

describe('apps', () => {
  it('are read from records that may lack anything', () => {
    expect(parseApp({ id: 'x', fields: {} })).toMatchObject({
      id: 'x',
      label: 'x',
      kind: 'web',
      manifest: {},
    });
  });

  it('have a name in the language that is shown, and are found by it', () => {
    const app = parseApp({
      id: 'notes',
      fields: { label: 'Notes', manifest: { pileus: { names: { zh: '备忘' } } } },
    });
    expect(labelOf(app, 'zh')).toBe('备忘');
    expect(labelOf(app, 'en')).toBe('Notes');
    expect(findApps([{ label: '备忘' }, { label: 'Notes' }], '忘')).toHaveLength(1);
    expect(findApps([{ label: 'Notes' }], 'NOT')).toHaveLength(1);
  });

  it('start on a colour of their icon on which white can be read', () => {
    const white = new Array(64).fill(255);
    const channel = Number.parseInt(mix(white).slice(1, 3), 16);
    expect(channel).toBeLessThan(120);
  });
});

describe('icons that are a letter', () => {
  it('have a hue of their own app, always the same', () => {
    const apps = ['org.example.parcels', 'org.example.errands', 'org.example.pigeons'];
    expect(new Set(apps.map((app) => letterColours(app).deep)).size).toBe(3);
    expect(letterColours('a')).toEqual(letterColours('a'));
  });
});
