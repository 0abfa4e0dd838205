/** A new device is let in by one that is signed in: a code, a number that this one shows, and a yes there. */

import { HttpApi } from './api.ts';
import { Problem } from './problem.ts';
import { type Answer, type Session, sessionOf } from './session.ts';

export interface Asked {
  claim: string;
  /** To be shown, for the owner to type on the other device. */
  number: string;
  account: string;
}

const EVERY_MS = 1500;

/** The code of a link that a QR code held. */
export function pairingCode(hash: string): string {
  return new URLSearchParams(hash.replace(/^#/, '')).get('pair') ?? '';
}

/** Rejects with a `Problem` where the code is worth nothing. */
export function ask(baseUrl: string, code: string, deviceName: string): Promise<Asked> {
  return new HttpApi(baseUrl, '').post<Asked>('/pair', { code, device_name: deviceName });
}

/** The session once the owner said yes; rejects with a `Problem` where they did not, or with the signal's reason. */
export async function letIn(baseUrl: string, asked: Asked, signal: AbortSignal): Promise<Session> {
  const api = new HttpApi(baseUrl, '');
  for (;;) {
    const { session } = await api
      .post<{ session: Answer | null }>('/pair/session', { claim: asked.claim })
      .catch(whileAway);
    signal.throwIfAborted();
    if (session) return sessionOf(session, asked.account);
    await pause(EVERY_MS, signal);
  }
}

/** Rejects with the signal's reason as soon as that is aborted. */
export function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((done, fail) => {
    const end = () => {
      clearTimeout(timer);
      fail(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', end);
      done();
    }, milliseconds);
    signal.addEventListener('abort', end, { once: true });
  });
}

/** A network that is gone for a moment is no answer. */
function whileAway(error: unknown): { session: null } {
  if (error instanceof Problem && error.code === 'offline') return { session: null };
  throw error;
}
