/** The phone's notices: one list, newest first. */

import type { Notice, Notices } from '../deps.ts';
import { Store } from '../store.ts';

const MOST = 100;

export function post(list: readonly Notice[], notice: Notice): readonly Notice[] {
  const others = list.filter((one) => one.app !== notice.app || one.key !== notice.key);
  return [notice, ...others].sort((a, b) => b.when - a.when).slice(0, MOST);
}

export function clear(list: readonly Notice[], app: string, key: string): readonly Notice[] {
  const left = list.filter((one) => one.app !== app || one.key !== key);
  return left.length === list.length ? list : left;
}

/** Groups by app, the app with the newest notice first. */
export function group(list: readonly Notice[]): { app: string; notices: Notice[] }[] {
  const groups = new Map<string, Notice[]>();
  for (const notice of list) groups.set(notice.app, [...(groups.get(notice.app) ?? []), notice]);
  return [...groups].map(([app, notices]) => ({ app, notices }));
}

export class NoticeStore extends Store<readonly Notice[]> implements Notices {
  constructor() {
    super([]);
  }
  post(notice: Notice): void {
    this.set(post(this.value, notice));
  }
  clear(app: string, key: string): void {
    this.set(clear(this.value, app, key));
  }
  /** The cloud has taken one of its own back, whosever it is. */
  cancel(key: string): void {
    this.set(this.value.filter((one) => !one.cloud || one.key !== key));
  }
  /** Of apps that are no longer there. */
  clearOf(apps: readonly string[]): void {
    if (this.value.some((notice) => apps.includes(notice.app)))
      this.set(this.value.filter((notice) => !apps.includes(notice.app)));
  }
  clearAll(): void {
    this.set(this.value.filter((notice) => notice.ongoing));
  }
  all(): readonly Notice[] {
    return this.value;
  }
}
