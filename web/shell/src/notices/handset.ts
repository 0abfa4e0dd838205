/** What a handset tells by itself: that its disk has no room for what comes, and that it slept. */

import { t } from '../../../kit/src/i18n/index.ts';
import type { Notices } from '../deps.ts';
import type { Handset } from '../handset/handset.ts';

const APP = 'settings';
const FULL = 'handset-full';

/** `woke` is called when the device woke. A full disk is told for as long as it is full. */
export function hearHandset(
  handset: Pick<Handset, 'telephony' | 'onWoke'>,
  notices: Notices,
  woke: () => void,
  now: () => number = Date.now,
): () => void {
  let full = false;
  const look = () => {
    const was = full;
    full = handset.telephony.value?.full === true;
    if (full && !was)
      notices.post({
        key: FULL,
        app: APP,
        title: t('handset.full'),
        text: t('handset.full-lead'),
        when: now(),
        ongoing: true,
      });
    if (was && !full) notices.clear(APP, FULL);
  };
  look();
  const off = handset.telephony.watch(look);
  handset.onWoke = woke;
  return () => {
    off();
    handset.onWoke = () => undefined;
  };
}
