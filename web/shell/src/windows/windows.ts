/** Which windows are open and what is in front; pure. */

import type { Intent } from '../deps.ts';

export interface Windows {
  view: 'home' | 'app' | 'recents';
  locked: boolean;
  /** Most recent first. */
  order: readonly string[];
  intents: Readonly<Record<string, Intent>>;
  /** Which app had another one opened: going back from that leads to it. */
  openers: Readonly<Record<string, string>>;
}

export type Step =
  | { type: 'open'; app: string; intent?: Intent; by?: string }
  | { type: 'home' }
  | { type: 'recents' }
  | { type: 'leave-recents' }
  | { type: 'close'; app: string }
  | { type: 'keep'; apps: readonly string[] }
  | { type: 'lock' }
  | { type: 'unlock' };

export const CLOSED: Windows = { view: 'home', locked: true, order: [], intents: {}, openers: {} };

export function front(windows: Windows): string | undefined {
  return windows.view === 'app' ? windows.order[0] : undefined;
}

/** The window whose app draws: in recents all are what they looked like, so that looking there wakes none. */
export function awake(windows: Windows): string | undefined {
  return windows.locked ? undefined : front(windows);
}

/** The open window that had this one opened. */
export function openerOf(windows: Windows, app: string): string | undefined {
  const opener = windows.openers[app];
  return opener !== undefined && windows.order.includes(opener) ? opener : undefined;
}

export function step(windows: Windows, action: Step): Windows {
  switch (action.type) {
    case 'open': {
      const order = [action.app, ...windows.order.filter((app) => app !== action.app)];
      const intents = action.intent ? { ...windows.intents, [action.app]: action.intent } : windows.intents;
      const openers = without(windows.openers, [action.app]);
      if (action.by !== undefined && action.by !== action.app) openers[action.app] = action.by;
      return { ...windows, view: 'app', order, intents, openers };
    }
    case 'home':
      return windows.view === 'home' ? windows : { ...windows, view: 'home' };
    case 'recents':
      return { ...windows, view: 'recents' };
    case 'leave-recents':
      return { ...windows, view: windows.order.length > 0 ? 'app' : 'home' };
    case 'close':
      return closed(windows, [action.app]);
    case 'keep':
      return closed(
        windows,
        windows.order.filter((app) => !action.apps.includes(app)),
      );
    case 'lock':
      return { ...windows, locked: true };
    case 'unlock':
      return { ...windows, locked: false };
  }
}

function closed(windows: Windows, gone: readonly string[]): Windows {
  const order = windows.order.filter((app) => !gone.includes(app));
  if (order.length === windows.order.length) return windows;
  const intents = without(windows.intents, gone);
  const openers = without(windows.openers, gone);
  const frontGone = gone.includes(windows.order[0] ?? '');
  const view = windows.view === 'app' && frontGone ? 'home' : windows.view;
  return { ...windows, order, intents, openers, view };
}

function without<T>(of: Readonly<Record<string, T>>, gone: readonly string[]): Record<string, T> {
  return Object.fromEntries(Object.entries(of).filter(([app]) => !gone.includes(app)));
}
