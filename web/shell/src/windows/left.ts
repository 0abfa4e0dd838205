/** What was open on this device when its page was left: pure. */

import type { App } from '../deps.ts';
import { CLOSED, type Windows } from './windows.ts';

/** As it is kept: most recent first, and whether the first was in front. */
export interface Left {
  order: readonly string[];
  inFront: boolean;
}

/**
 * Streamed apps that were not in front are left out: they go on in the cloud, and recents shows them with their
 * last pictures.
 */
export function left(windows: Windows, apps: readonly App[]): Left {
  const kinds = new Map(apps.map((app) => [app.id, app.kind]));
  const inFront = windows.view === 'app' && windows.order.length > 0;
  const order = windows.order.filter((id, place) => (inFront && place === 0) || kinds.get(id) !== 'cloud');
  return { order, inFront };
}

/**
 * What another device goes on with: all of it lies in recents, as no app starts there by itself. What is streamed is
 * in its recents anyway, as long as it runs in the cloud.
 */
export function roaming(windows: Windows, apps: readonly App[]): readonly string[] {
  const kinds = new Map(apps.map((app) => [app.id, app.kind]));
  return windows.order.filter((id) => kinds.get(id) !== 'cloud');
}

/** The windows that a phone begins with, locked; of what was kept as far as it is such and still installed. */
export function restored(kept: unknown, apps: readonly App[]): Windows {
  const { order, inFront } = (typeof kept === 'object' && kept !== null ? kept : {}) as Partial<Left>;
  if (!Array.isArray(order)) return CLOSED;
  const known = new Set(apps.map((app) => app.id));
  const open = [...new Set(order)].filter((id): id is string => typeof id === 'string' && known.has(id));
  const view = inFront === true && open[0] !== undefined && open[0] === order[0] ? 'app' : 'home';
  return { ...CLOSED, view, order: open };
}
