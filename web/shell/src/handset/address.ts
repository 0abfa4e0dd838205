/** Where the daemon of this handset listens, and the token that it wants. A page that was never told is on no handset. */

import type { Keeper } from '../session/session.ts';

export interface Address {
  port: number;
  token: string;
}

/** The gateway's own name; its apps are below it (docs/design/handset.md, pages). */
const NAME = 'pileus.localhost';
const KEY = 'pileus.handset';
const FORM = /^([1-9]\d{0,4})\.([A-Za-z0-9_-]{16,128})$/;

/** Of `PORT.TOKEN`. */
export function parseAddress(text: string | null | undefined): Address | undefined {
  const [, port, token] = FORM.exec(text ?? '') ?? [];
  return token !== undefined && Number(port) < 65_536 ? { port: Number(port), token } : undefined;
}

/**
 * What is kept, or what the page's address tells (`#handset=PORT.TOKEN`), which is taken out of it at once. Whoever
 * signs in gives the daemon the session, and whoever does not still wants its emergency calls: a link that names
 * another daemon must neither get the one nor take the other. So a page learns a daemon once, while nobody is signed
 * in, and one that is known may only have moved to another port.
 */
export function learnAddress(
  at: Pick<Location, 'hash' | 'pathname' | 'search'>,
  history: Pick<History, 'state' | 'replaceState'>,
  keeper: Keeper,
  signedIn: boolean,
): Address | undefined {
  const known = parseAddress(keeper.getItem(KEY));
  const said = new URLSearchParams(at.hash.replace(/^#/, ''));
  if (!said.has('handset')) return known;
  const told = parseAddress(said.get('handset'));
  said.delete('handset');
  const rest = said.size > 0 ? `#${said}` : '';
  history.replaceState(history.state, '', `${at.pathname}${at.search}${rest}`);
  if (!told || (known ? told.token !== known.token : signedIn)) return known;
  keeper.setItem(KEY, `${told.port}.${told.token}`);
  return told;
}

/** Whether this page came from the daemon's own gateway, and not from a cloud. */
export function isOfGateway(at: Pick<Location, 'port' | 'protocol'>, address: Address | undefined): boolean {
  return address !== undefined && at.protocol === 'http:' && Number(at.port) === address.port;
}

/** Where the gateway serves a built-in app. */
export function originOf(app: string, { port }: Address): string {
  return `http://${app}.apps.${NAME}:${port}`;
}
