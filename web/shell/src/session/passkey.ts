/** Passkeys of this browser (Web Authentication Level 3): what the cloud asks, an authenticator answers. */

import type { Api } from '../deps.ts';
import { HttpApi } from './api.ts';
import { Problem } from './problem.ts';
import { type Answer, type Session, sessionOf } from './session.ts';

export interface Passkey {
  id: string;
  name: string;
  /** Milliseconds since 1970. */
  made_at: number;
  used_at: number | null;
}

/** Whether this browser has passkeys at all. */
export function hasPasskeys(): boolean {
  return typeof globalThis.PublicKeyCredential?.parseRequestOptionsFromJSON === 'function';
}

/** Asks the authenticator for a new passkey, and the cloud to keep it. Rejects with a `Problem`. */
export async function addPasskey(api: Api, present: string, name: string): Promise<Passkey> {
  const { public_key } = await api.post<{ public_key: PublicKeyCredentialCreationOptionsJSON }>(
    '/account/passkeys/options',
    { present },
  );
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(public_key);
  const credential = await answered(() => navigator.credentials.create({ publicKey }));
  return api.post<Passkey>('/account/passkeys', { name, credential });
}

/** Signs in by whatever passkey its owner chooses. Rejects with a `Problem`. */
export async function enterByPasskey(baseUrl: string, deviceName: string): Promise<Session> {
  const api = new HttpApi(baseUrl, '');
  const { public_key } = await api.post<{ public_key: PublicKeyCredentialRequestOptionsJSON }>(
    '/sign-in/passkey/options',
  );
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(public_key);
  const credential = await answered(() => navigator.credentials.get({ publicKey }));
  const answer = await api.post<Answer & { account: { name: string } }>('/sign-in/passkey', {
    credential,
    device_name: deviceName,
  });
  return sessionOf(answer, answer.account.name);
}

async function answered(ask: () => Promise<Credential | null>): Promise<PublicKeyCredentialJSON> {
  let credential: Credential | null;
  try {
    credential = await ask();
  } catch (error) {
    throw problemOf(error);
  }
  if (!credential) throw new Problem('passkey-cancelled', '');
  return (credential as PublicKeyCredential).toJSON();
}

/** Browsers tell "cancelled", "timed out" and "has none" by one name, so that pages cannot ask around. */
function problemOf(error: unknown): Problem {
  const { name = '', message = '' } = error instanceof DOMException ? error : {};
  if (name === 'NotAllowedError' || name === 'AbortError') return new Problem('passkey-cancelled', '');
  return name === 'InvalidStateError'
    ? new Problem('passkey-known', '')
    : new Problem('passkey-failed', message);
}
