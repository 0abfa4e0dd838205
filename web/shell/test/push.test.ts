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
    expect(noticeOf(told, 9)).toEqual({
      key: 'r',
      app: 'messages',
      title: 'mei',
      text: '到家了',
      when: 7,
      intent: { view: 'thread', thread: 'r' },
    });
  });

  it('leads to the conversation or the event that it is of', () => {
    const of = (more: object) => noticeOf(toldOf(message(more))!, 9).intent;
    const said = { kind: 'message', tag: 'message-@mei', data: { from: 'mei', text: '到家了' } };
    expect(of(said)).toEqual({ view: 'thread', thread: '@mei' });
    const asked = { kind: 'invitation', data: { from: '@mei', event: 'tea', summary: 'Tea' } };
    expect(of(asked)).toEqual({ view: 'event', event: 'tea' });
    expect(of({ data: reminder })).toEqual({ view: 'event', event: 'tea', start });
  });

  it('is a call that nobody took, of a number or of none', () => {
    setLocale('zh');
    const of = (from: string) =>
      noticeOf(toldOf(message({ kind: 'missed-call', data: { from, date_ms: 7 } }))!, 9);
    expect(of('+8613800138000')).toMatchObject({ title: '+8613800138000', text: '未接来电', when: 7 });
    expect(of('')).toMatchObject({ title: '隐藏号码', intent: { view: 'calls' } });
  });

  it('is a call that another device took or declined', () => {
    const of = (answered: boolean) =>
      noticeOf(toldOf(message({ kind: 'call-over', data: { call: 'c', from: '@anna', answered } }))!, 9);
    setLocale('zh');
    expect(of(true)).toMatchObject({ title: '@anna', text: '已在其他设备接听', app: 'phone' });
    setLocale('en');
    expect(of(true).text).toBe('Answered on another device');
    expect(of(false).text).toBe('Declined on another device');
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

  it('is what somebody shares, and leads to it', () => {
    setLocale('en');
    const data = { from: 'mei', file: 'f', name: '西湖', folder: true, given_ms: 7 };
    const told = { key: 'r', app: 'files', title: 'mei shared a folder with you', text: '西湖', when: 7 };
    expect(noticeOf(toldOf(message({ kind: 'given', data }))!, 9)).toEqual({
      ...told,
      intent: { view: 'given', owner: 'mei', file: 'f' },
    });
    const sealed = { ...data, name: '', folder: false };
    expect(noticeOf(toldOf(message({ kind: 'given', data: sealed }))!, 9)).toMatchObject({
      title: 'mei shared a file with you',
      text: 'From their vault',
    });
  });

  it('is a vault that was begun anew, by whom and when', () => {
    setLocale('en');
    const data = { name: 'Pixel', begun_ms: new Date(2026, 2, 20, 15, 5).getTime() };
    const notice = noticeOf(toldOf(message({ kind: 'vault-anew', data }))!, 9);
    expect(notice).toMatchObject({ title: '“Pixel” started the vault over', intent: { view: 'vault' } });
    expect(notice.text).toMatch(/^.* (15:05|3:05\sPM)\. What was in it/);
  });

  it('says that there is something where a newer cloud has more to say', () => {
    setLocale('en');
    for (const odd of [
      { kind: 'later' },
      { kind: 'given' },
      { kind: 'vault-anew' },
      { data: { ...reminder, due_ms: 'soon' } },
    ])
      expect(noticeOf(toldOf(message(odd))!, 0).title).toBe('There is something new');
  });

  it('knows no other language', () => {
    expect(toldOf(message({ language: 'tlh' }))!.language).toBe('auto');
  });
});
