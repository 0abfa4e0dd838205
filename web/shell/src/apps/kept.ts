/** The built-in apps that this device can open without a network. */

import { preloadApps } from '../bridge/frame.ts';
import type { App } from '../deps.ts';

const KEY = 'pileus.kept';

/**
 * Opens, unseen, each web app that this device does not keep yet. What could not be kept is tried again at
 * the next call. An app's own service worker brings it up to date whenever it is opened.
 */
export async function keepApps(
  apps: readonly App[],
  keeper: Pick<Storage, 'getItem' | 'setItem'>,
  preload: (apps: readonly App[]) => Promise<string[]> = preloadApps,
): Promise<void> {
  const known = read(keeper);
  const missing = apps.filter((app) => app.kind === 'web' && app.origin && !known.includes(app.origin));
  if (missing.length === 0) return;
  const kept = await preload(missing);
  const origins = missing.filter((app) => kept.includes(app.id)).map((app) => app.origin);
  keeper.setItem(KEY, JSON.stringify([...new Set([...read(keeper), ...origins])]));
}

function read(keeper: Pick<Storage, 'getItem'>): string[] {
  try {
    const found: unknown = JSON.parse(keeper.getItem(KEY) ?? '[]');
    return Array.isArray(found) ? found.map(String) : [];
  } catch {
    return [];
  }
}
