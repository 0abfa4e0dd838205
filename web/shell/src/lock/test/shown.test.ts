import { expect, test } from 'vitest';
import { setLocale } from '../../../../kit/src/i18n/index.ts';
import type { Notice } from '../../deps.ts';
import { DEFAULTS, parsePreferences } from '../../settings/preferences.ts';
import { onLock } from '../shown.ts';

const LIN: Notice = { key: 'message-+86138', app: 'messages', title: '林', text: '验证码 123456', when: 2 };
const MUM: Notice = { key: 'message-+86139', app: 'messages', title: 'Mum', text: 'Call me', when: 3 };
const CALL: Notice = { key: 'missed-+86138', app: 'phone', title: '林', text: 'Missed call', when: 1 };
const BACKUP: Notice = { key: 'backup', app: 'settings', title: 'No backup', text: 'For a week', when: 0 };
const ALL = [MUM, LIN, CALL, BACKUP];

function words(shows: Parameters<typeof onLock>[1]): string[] {
  setLocale('en');
  return onLock(ALL, shows).map(({ notice }) => `${notice.title}|${notice.text}`);
}

test('the lock screen says of messages and missed calls what its owner chose, and all of the rest', () => {
  const rest = 'No backup|For a week';
  expect(words('all')).toEqual(['Mum|Call me', '林|验证码 123456', '林|Missed call', rest]);
  expect(words('who')).toEqual(['Mum|New message', '林|New message', '林|Missed call', rest]);
  expect(words('came')).toEqual(['2 new messages|', 'Missed call|', rest]);
  expect(words('nothing')).toEqual([rest]);
});

test('one that stands for several is cleared with them, and leads to none', () => {
  const [messages, call] = onLock(ALL, 'came');
  expect(messages?.of).toEqual([MUM, LIN]);
  expect(messages?.notice.intent).toBeUndefined();
  expect(messages?.notice.when).toBe(3);
  expect(call?.of).toEqual([CALL]);
});

test('at first it is who, also where what was kept is none of the choices', () => {
  expect(DEFAULTS.lockShows).toBe('who');
  expect(parsePreferences('{"lockShows": "everything"}').lockShows).toBe('who');
  expect(parsePreferences('{"lockShows": "nothing"}').lockShows).toBe('nothing');
});
