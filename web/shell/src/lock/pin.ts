/**
 * The PIN of this device's lock screen. It is checked here, so that it works without a network, against a hash that
 * is slow to compute; it keeps hands off the phone, it encrypts nothing (docs/design/accounts.md).
 */

import type { Keeper } from '../session/session.ts';
import { Store } from '../store.ts';

export const SHORTEST = 4;
export const LONGEST = 12;
/** Wrong tries that cost nothing; after each further one there is a wait, in seconds. */
export const FREE = 5;
const WAITS = [30, 60, 120, 300, 600];
/** Wrong tries after which only the account's password opens the phone. */
export const MOST = FREE + WAITS.length;
/** Of PBKDF2 with SHA-256: OWASP's figure of 2023; some 0.2 s on a phone. */
export const ROUNDS = 600_000;
const KEY = 'pileus.pin';

interface Kept {
  account: string;
  salt: string;
  rounds: number;
  hash: string;
  wrong: number;
  /** Milliseconds since 1970 before which no try counts. */
  until: number;
}

/** Whether there is one, how often it was wrong since it was right, and from when on it can be tried. */
export interface PinState {
  set: boolean;
  wrong: number;
  until: number;
}

export class PinLock extends Store<PinState> {
  constructor(
    private readonly keeper: Keeper,
    private readonly account: string,
    private readonly now: () => number = Date.now,
    private readonly rounds = ROUNDS,
  ) {
    super({ set: false, wrong: 0, until: 0 });
    this.tell();
  }

  /** Milliseconds until it can be tried again. */
  get wait(): number {
    const longest = Math.max(...WAITS) * 1000;
    // A clock that was put back must not shut the phone for longer than the longest wait.
    return Math.max(0, Math.min(this.value.until - this.now(), longest));
  }

  get needsPassword(): boolean {
    return this.value.wrong >= MOST;
  }

  async choose(pin: string): Promise<void> {
    const salt = toHex(crypto.getRandomValues(new Uint8Array(16)));
    const hash = await slow(pin, salt, this.rounds);
    this.keep({ account: this.account, salt, rounds: this.rounds, hash, wrong: 0, until: 0 });
  }

  /** True for the right one. While there is a wait, or where the password is needed, none is. */
  async check(pin: string): Promise<boolean> {
    const kept = this.read();
    this.tell();
    if (!kept || this.wait > 0 || this.needsPassword) return false;
    // Counted before it is looked at: a page that is closed meanwhile wins nothing.
    const wrong = kept.wrong + 1;
    const pause = (WAITS[wrong - FREE - 1] ?? 0) * 1000;
    this.keep({ ...kept, wrong, until: this.now() + pause });
    const right = (await slow(pin, kept.salt, kept.rounds)) === kept.hash;
    if (right) this.forgive();
    return right;
  }

  /** The owner has shown otherwise who they are. */
  forgive(): void {
    const kept = this.read();
    if (kept) this.keep({ ...kept, wrong: 0, until: 0 });
  }

  clear(): void {
    forgetPin(this.keeper);
    this.tell();
  }

  private keep(kept: Kept): void {
    this.keeper.setItem(KEY, JSON.stringify(kept));
    this.tell();
  }

  private tell(): void {
    const kept = this.read();
    this.set({ set: kept !== undefined, wrong: kept?.wrong ?? 0, until: kept?.until ?? 0 });
  }

  /** Read anew each time: another tab may have tried. */
  private read(): Kept | undefined {
    try {
      const found = JSON.parse(this.keeper.getItem(KEY) ?? 'null') as Partial<Kept> | null;
      return found?.hash && found.account === this.account ? (found as Kept) : undefined;
    } catch {
      return undefined;
    }
  }
}

/** The device was signed out: its next owner chooses one of their own. */
export function forgetPin(keeper: Keeper): void {
  keeper.removeItem(KEY);
}

export function isPin(text: string): boolean {
  return new RegExp(`^\\d{${SHORTEST},${LONGEST}}$`).test(text);
}

/** One that is tried first: all digits the same, or in a row. */
export function isEasy(pin: string): boolean {
  const steps = new Set([...pin].slice(1).map((digit, at) => Number(digit) - Number(pin[at])));
  return steps.size === 1 && [0, 1, -1].includes([...steps][0]!);
}

async function slow(pin: string, salt: string, rounds: number): Promise<string> {
  const key = await crypto.subtle.importKey('raw', new TextEncoder().encode(pin), 'PBKDF2', false, [
    'deriveBits',
  ]);
  const how = { name: 'PBKDF2', hash: 'SHA-256', salt: new TextEncoder().encode(salt), iterations: rounds };
  return toHex(new Uint8Array(await crypto.subtle.deriveBits(how, key, 256)));
}

function toHex(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
