/** What the lock screen says of messages and missed calls, as far as the owner wants strangers to read it. Pure. */

import { t } from '../../../kit/src/i18n/index.ts';
import type { Notice } from '../deps.ts';

/** Nothing of them; that something came; who wrote or called; and what. */
export type LockShows = 'nothing' | 'came' | 'who' | 'all';

/** A notice as it is shown, and those that it stands for. */
export interface OnLock {
  notice: Notice;
  of: readonly Notice[];
}

const WORDS: { [app: string]: { key: RegExp; one: string; more: string } } = {
  messages: { key: /^message-/, one: 'lock.new-message', more: 'lock.new-messages' },
  phone: { key: /^missed-/, one: 'push.missed-call', more: 'lock.missed-calls' },
};

/** Newest first as they are given; what else came is as it is. */
export function onLock(notices: readonly Notice[], shows: LockShows): OnLock[] {
  const shown: OnLock[] = [];
  for (const notice of notices) {
    if (shows === 'all' || !isPersonal(notice)) shown.push({ notice, of: [notice] });
    else if (shows === 'who') shown.push({ notice: whoAlone(notice), of: [notice] });
    else if (shows === 'came') came(shown, notice);
  }
  return shown;
}

export function isPersonal({ app, key }: Notice): boolean {
  return WORDS[app]?.key.test(key) === true;
}

function whoAlone(notice: Notice): Notice {
  return { ...notice, text: t(WORDS[notice.app]!.one), actions: [] };
}

/** One for all of an app: how many there are, and no more. */
function came(shown: OnLock[], notice: Notice): void {
  const { app, when } = notice;
  const at = shown.findIndex((one) => one.notice.app === app && one.of.some(isPersonal));
  const of = [...(shown[at]?.of ?? []), notice];
  const { one, more } = WORDS[app]!;
  const title = of.length > 1 ? t(more, { count: of.length }) : t(one);
  const whole = {
    notice: { key: `${app}-came`, app, title, text: '', when: Math.max(when, shown[at]?.notice.when ?? 0) },
    of,
  };
  if (at < 0) shown.push(whole);
  else shown[at] = whole;
}
