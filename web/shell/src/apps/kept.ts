/** The web apps that this device can open without a network. */

import { preloadApps } from '../bridge/frame.ts';
import type { App } from '../deps.ts';

const KEY = 'pileus.kept';

/**
 * Opens, unseen and one at a time, each web app that this device does not keep yet. What can't be kept now is
 * tried again at the next start. An app's own service worker brings it up to date whenever it is opened.
 */
export class Keeping {
  private readonly tried = new Set<string>();
  private waiting: readonly App[] = [];
  private busy = false;

  constructor(
    private readonly storage: Pick<Storage, 'getItem' | 'setItem'>,
    private readonly preload: (apps: readonly App[]) => Promise<string[]> = preloadApps,
  ) {}

  /** Takes what is installed now; resolves when all of it is kept or was tried, or another call sees to it. */
  async see(apps: readonly App[]): Promise<void> {
    this.waiting = apps;
    if (this.busy) return;
    this.busy = true;
    for (let app = this.next(); app; app = this.next()) {
      this.tried.add(app.origin);
      const kept = await this.preload([app]);
      if (kept.includes(app.id)) this.storage.setItem(KEY, JSON.stringify([...this.kept(), app.origin]));
    }
    this.busy = false;
  }

  private next(): App | undefined {
    const kept = this.kept();
    return this.waiting.find(
      (app) => app.kind === 'web' && app.origin && !this.tried.has(app.origin) && !kept.includes(app.origin),
    );
  }

  private kept(): string[] {
    try {
      const found: unknown = JSON.parse(this.storage.getItem(KEY) ?? '[]');
      return Array.isArray(found) ? found.map(String) : [];
    } catch {
      return [];
    }
  }
}
