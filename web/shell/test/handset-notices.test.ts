import { expect, it, vi } from 'vitest';
import { setLocale } from '../../kit/src/i18n/index.ts';
import { telephonyOf } from '../src/handset/states.ts';
import { hearHandset } from '../src/notices/handset.ts';
import { NoticeStore } from '../src/notices/notices.ts';
import { Store } from '../src/store.ts';

it('tells of a full disk once, for as long as it is full, and of a sleep', () => {
  setLocale('en');
  const notices = new NoticeStore();
  const handset = {
    telephony: new Store(telephonyOf({ present: true, storage_full: true })),
    onWoke: () => undefined as unknown,
  };
  const woke = vi.fn();
  const end = hearHandset(handset, notices, woke, () => 5);
  expect(notices.value).toMatchObject([{ title: 'This phone is full', when: 5, ongoing: true }]);
  const post = vi.spyOn(notices, 'post');
  handset.telephony.set(telephonyOf({ present: true, storage_full: true, calls: [] }));
  expect(post).not.toHaveBeenCalled();
  handset.telephony.set(telephonyOf({ present: true }));
  expect(notices.value).toEqual([]);
  handset.onWoke();
  expect(woke).toHaveBeenCalledOnce();
  end();
  handset.onWoke();
  handset.telephony.set(telephonyOf({ present: true, storage_full: true }));
  expect(woke).toHaveBeenCalledOnce();
  expect(notices.value).toEqual([]);
});
