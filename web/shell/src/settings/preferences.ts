/** What the owner set: kept on this device, and most of it by the account (see `roaming.ts`). */

import type { LocaleChoice } from '../../../kit/src/i18n/catalogue.ts';
import type { ThemeChoice } from '../../../kit/src/theme/theme.ts';
import type { LockShows } from '../lock/shown.ts';
import type { Keeper } from '../session/session.ts';
import { Store } from '../store.ts';

export interface Preferences {
  theme: ThemeChoice;
  language: LocaleChoice;
  navigation: 'gestures' | 'buttons';
  /** The frame on a wide screen. */
  form: 'phone' | 'tablet';
  /** Minutes without a touch after which a phone with a PIN locks itself; 0: it does not. */
  lockAfter: '1' | '5' | '15' | '0';
  /** What the lock screen says of messages and missed calls. */
  lockShows: LockShows;
}

export const DEFAULTS: Preferences = {
  theme: 'auto',
  language: 'auto',
  navigation: 'gestures',
  form: 'phone',
  lockAfter: '5',
  lockShows: 'who',
};
const KEY = 'pileus.preferences';
const CHOICES: { [K in keyof Preferences]: readonly Preferences[K][] } = {
  theme: ['auto', 'light', 'dark'],
  language: ['auto', 'en', 'zh'],
  navigation: ['gestures', 'buttons'],
  form: ['phone', 'tablet'],
  lockAfter: ['1', '5', '15', '0'],
  lockShows: ['nothing', 'came', 'who', 'all'],
};

/** What follows the owner from device to device; the frame on a wide screen is this device's own. */
export const ROAMING = ['theme', 'language', 'navigation', 'lockAfter', 'lockShows'] as const;
export type Roamed = Pick<Preferences, (typeof ROAMING)[number]>;

/** The settings among a record's fields that are such; anything else is left out. */
export function parseRoamed(fields: Readonly<Record<string, unknown>>): Partial<Roamed> {
  const found = ROAMING.flatMap((key) => {
    const choice = CHOICES[key].find((one) => one === fields[key]);
    return choice === undefined ? [] : [[key, choice]];
  });
  return Object.fromEntries(found) as Partial<Roamed>;
}

/** Of `now`, what is another than before. */
export function changed(before: Roamed, now: Partial<Roamed>): Partial<Roamed> {
  return Object.fromEntries(
    ROAMING.flatMap((key) => (now[key] === undefined || now[key] === before[key] ? [] : [[key, now[key]]])),
  ) as Partial<Roamed>;
}

/** Anything that is not one of the choices becomes the default. */
export function parsePreferences(text: string | null): Preferences {
  let found: Record<string, unknown> = {};
  try {
    found = (JSON.parse(text ?? '{}') ?? {}) as Record<string, unknown>;
  } catch {
    return DEFAULTS;
  }
  const pick = <K extends keyof Preferences>(key: K): Preferences[K] =>
    CHOICES[key].find((choice) => choice === found[key]) ?? DEFAULTS[key];
  return {
    theme: pick('theme'),
    language: pick('language'),
    navigation: pick('navigation'),
    form: pick('form'),
    lockAfter: pick('lockAfter'),
    lockShows: pick('lockShows'),
  };
}

export class PreferenceStore extends Store<Preferences> {
  constructor(private readonly keeper: Keeper) {
    super(parsePreferences(keeper.getItem(KEY)));
  }

  change(part: Partial<Preferences>): void {
    this.set({ ...this.value, ...part });
    this.keeper.setItem(KEY, JSON.stringify(this.value));
  }
}
