/** Who is signed in on this device. Kept in the shell's own storage, which no app can read. */

import { HttpApi } from './api.ts';

export interface Session {
  token: string;
  account: string;
  device: string;
  name: string;
  /** The account was to be erased, and stays because of this sign-in. */
  kept?: boolean;
}

export interface Keeper {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

/** What the cloud answers to a sign-in. */
export interface Answer {
  token: string;
  account: unknown;
  device: unknown;
  deletion_undone?: boolean;
}

const KEY = 'pileus.session';

export function readSession(keeper: Keeper): Session | undefined {
  try {
    const found = JSON.parse(keeper.getItem(KEY) ?? 'null') as Partial<Session> | null;
    return found?.token && found.account ? (found as Session) : undefined;
  } catch {
    return undefined;
  }
}

export function writeSession(keeper: Keeper, session: Session | undefined): void {
  if (session) keeper.setItem(KEY, JSON.stringify(session));
  else keeper.removeItem(KEY);
}

/** `mode` create makes the first account; both end signed in. Rejects with a `Problem`. */
export async function enter(
  baseUrl: string,
  mode: 'create' | 'sign-in',
  name: string,
  password: string,
  deviceName: string,
  setupCode = '',
): Promise<Session> {
  const api = new HttpApi(baseUrl, '');
  const path = mode === 'create' ? '/accounts' : '/sign-in';
  const answer = await api.post<Answer>(path, {
    name,
    password,
    device_name: deviceName,
    ...(mode === 'create' && setupCode ? { setup_code: setupCode } : {}),
  });
  return sessionOf(answer, name);
}

/** Sets a forgotten password by a recovery code, and signs in. Rejects with a `Problem`. */
export async function recover(
  baseUrl: string,
  name: string,
  code: string,
  password: string,
  deviceName: string,
  signOutOthers: boolean,
): Promise<Session> {
  const wish = { name, code, password, device_name: deviceName, sign_out_others: signOutOthers };
  return sessionOf(await new HttpApi(baseUrl, '').post<Answer>('/recover', wish), name);
}

/** Makes an account by an invitation, and signs in. Rejects with a `Problem`. */
export async function join(
  baseUrl: string,
  secret: string,
  name: string,
  password: string,
  deviceName: string,
): Promise<Session> {
  const wish = { secret, name, password, device_name: deviceName };
  return sessionOf(await new HttpApi(baseUrl, '').post<Answer>('/invited/account', wish), name);
}

/** Who invites by this secret; empty: whoever runs the cloud. Fails where it was used, taken back or has expired. */
export async function invitedBy(baseUrl: string, secret: string): Promise<string> {
  return (await new HttpApi(baseUrl, '').post<{ by: string }>('/invited', { secret })).by;
}

/** The secret of an invitation, from its link or from what follows the link's #. */
export function invitationSecret(link: string): string {
  return new URLSearchParams(link.trim().replace(/^[^#]*#/, '')).get('invite') ?? '';
}

/** The code of the address that a server on a network printed: whoever has it makes the first account. */
export function setupCode(hash: string): string {
  return new URLSearchParams(hash.replace(/^#/, '')).get('setup') ?? '';
}

/** "Pixel 8", "iPhone", "Chrome on Linux": what the owner would call this device. */
export function guessDeviceName(agent: string): string {
  const android = agent.match(/Android [\d.]+; ([^;)]+?)(?: Build\/[^;)]*)?\)/)?.[1]?.trim();
  if (android && android !== 'K') return android;
  const device = agent.match(/iPhone|iPad/)?.[0];
  if (device) return device;
  const browser = agent.match(/(Edg|Firefox|Chrome|Safari)\//)?.[1]?.replace('Edg', 'Edge') ?? 'Browser';
  const system =
    ['Android', 'Windows', 'Mac OS X', 'CrOS', 'Linux'].find((name) => agent.includes(name)) ?? '';
  const place = { 'Mac OS X': 'Mac', CrOS: 'Chromebook' }[system] ?? system;
  return place ? `${browser} on ${place}` : browser;
}

/** 0 too short, 1 weak, 2 fair, 3 strong: length counts most, as in NIST SP 800-63B. */
export function strength(password: string): 0 | 1 | 2 | 3 {
  const different = new Set(password).size;
  if (password.length < 8) return 0;
  if (password.length < 10 || different < 5) return 1;
  return password.length < 14 || different < 8 ? 2 : 3;
}

export function sessionOf(answer: Answer, name: string): Session {
  const session = { token: answer.token, account: idOf(answer.account), device: idOf(answer.device), name };
  return answer.deletion_undone ? { ...session, kept: true } : session;
}

function idOf(value: unknown): string {
  if (typeof value === 'string') return value;
  const id = (value as { id?: unknown } | null)?.id;
  return typeof id === 'string' ? id : '';
}
