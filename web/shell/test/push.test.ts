import { describe, expect, it } from 'vitest';
import { setLocale } from '../../kit/src/i18n/index.ts';
import { noticeOf, toldOf } from '../src/push/words.ts';

const start = new Date(2026, 2, 20, 9).getTime();
const reminder = { event: 'tea', summary: '西湖 tea', start_ms: start, due_ms: start - 900_000 };
const message = (more: object) => JSON.stringify({ kind: 'reminder', tag: 'r', language: 'en', ...more });

describe('what came by push', () => {
  it('is a reminder under the key that an open page gives it', () => {
    setLocale('en');
    const told = toldOf(message({ data: reminder }))!;
    const notice = noticeOf(told, 0);
    expect(notice).toMatchObject({ app: 'calendar', title: '西湖 tea', when: reminder.due_ms });
    expect(notice.key).toBe(`reminder-tea-${start}-${reminder.due_ms}`);
  });

  it('is told in the language of the device', () => {
    setLocale('zh');
    expect(noticeOf(toldOf(message({ kind: 'try' }))!, 5)).toMatchObject({ title: '通知正常', when: 5 });
  });

  it.each(['', 'x', 'null', '[]', '{"kind":1,"tag":"t"}', '{"kind":"try"}'])(
    'is nothing where it is %j',
    (text) => {
      expect(toldOf(text)).toBeUndefined();
    },
  );

  it('is a message of somebody', () => {
    const told = toldOf(message({ kind: 'message', data: { from: 'mei', text: '到家了', date_ms: 7 } }))!;
    expect(noticeOf(told, 9)).toEqual({ key: 'r', app: 'messages', title: 'mei', text: '到家了', when: 7 });
  });

  it('is a picture where a message has no words', () => {
    setLocale('en');
    const data = { from: 'mei', text: '', date_ms: 7, pictures: 2 };
    expect(noticeOf(toldOf(message({ kind: 'message', data }))!, 9).text).toBe('Picture');
  });

  it('is another device that looks for this one', () => {
    setLocale('en');
    const told = toldOf(message({ kind: 'ring', data: { by: 'tablet' } }))!;
    expect(noticeOf(told, 9)).toMatchObject({
      title: 'This device is looked for',
      text: 'tablet has this device ring.',
    });
  });

  it('is another device that asks to be let into the vault', () => {
    setLocale('en');
    const told = toldOf(message({ kind: 'vault-ask', data: { name: 'Pixel' } }))!;
    expect(noticeOf(told, 9)).toMatchObject({
      key: 'r',
      app: 'files',
      title: 'Pixel asks to be let into the vault',
    });
  });

  it('says that there is something where a newer cloud has more to say', () => {
    setLocale('en');
    for (const odd of [{ kind: 'later' }, { data: { ...reminder, due_ms: 'soon' } }])
      expect(noticeOf(toldOf(message(odd))!, 0).title).toBe('There is something new');
  });

  it('knows no other language', () => {
    expect(toldOf(message({ language: 'tlh' }))!.language).toBe('auto');
  });
});
