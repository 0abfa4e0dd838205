/** Which windows are open and what is in front; pure. */

import type { Intent } from '../deps.ts';

export interface Windows {
  view: 'home' | 'app' | 'recents';
  locked: boolean;
  /** Most recent first. */
  order: readonly string[];
  intents: Readonly<Record<string, Intent>>;
}

export type Step =
  | { type: 'open'; app: string; intent?: Intent }
  | { type: 'home' }
  | { type: 'recents' }
  | { type: 'leave-recents' }
  | { type: 'close'; app: string }
  | { type: 'keep'; apps: readonly string[] }
  | { type: 'lock' }
  | { type: 'unlock' };

export const CLOSED: Windows = { view: 'home', locked: true, order: [], intents: {} };

export function front(windows: Windows): string | undefined {
  return windows.view === 'app' ? windows.order[0] : undefined;
}

/** The window whose app draws: in recents all are what they looked like, so that looking there wakes none. */
export function awake(windows: Windows): string | undefined {
  return windows.locked ? undefined : front(windows);
}

export function step(windows: Windows, action: Step): Windows {
  switch (action.type) {
    case 'open': {
      const order = [action.app, ...windows.order.filter((app) => app !== action.app)];
      const intents = action.intent ? { ...windows.intents, [action.app]: action.intent } : windows.intents;
      return { ...windows, view: 'app', order, intents };
    }
    case 'home':
      return windows.view === 'home' ? windows : { ...windows, view: 'home' };
    case 'recents':
      return { ...windows, view: 'recents' };
    case 'leave-recents':
      return { ...windows, view: windows.order.length > 0 ? 'app' : 'home' };
    case 'close':
      return without(windows, [action.app]);
    case 'keep':
      return without(
        windows,
        windows.order.filter((app) => !action.apps.includes(app)),
      );
    case 'lock':
      return { ...windows, locked: true };
    case 'unlock':
      return { ...windows, locked: false };
  }
}

function without(windows: Windows, gone: readonly string[]): Windows {
  const order = windows.order.filter((app) => !gone.includes(app));
  if (order.length === windows.order.length) return windows;
  const intents = Object.fromEntries(Object.entries(windows.intents).filter(([app]) => !gone.includes(app)));
  const frontGone = gone.includes(windows.order[0] ?? '');
  const view = windows.view === 'app' && frontGone ? 'home' : windows.view;
  return { ...windows, order, intents, view };
}
