import { expect, it } from 'vitest';
import { learnAddress, parseAddress } from '../address.ts';

const TOKEN = 'abcdefghijklmnop-_0123456789';

function page(hash: string, kept?: string, signedIn = false) {
  const store = new Map(kept ? [['pileus.handset', kept]] : []);
  const keeper = {
    getItem: (key: string) => store.get(key) ?? null,
    setItem: (key: string, value: string) => void store.set(key, value),
    removeItem: (key: string) => void store.delete(key),
  };
  const shown: string[] = [];
  const history = {
    state: null,
    replaceState: (_: unknown, __: string, url: string) => void shown.push(url),
  };
  const at = { hash, pathname: '/', search: '?a=1' };
  return { found: learnAddress(at, history as never, keeper, signedIn), kept: [...store.values()], shown };
}

it('reads a port and a token, and nothing else', () => {
  expect(parseAddress(`4711.${TOKEN}`)).toEqual({ port: 4711, token: TOKEN });
  for (const text of [undefined, '', '4711', `0.${TOKEN}`, `70000.${TOKEN}`, '4711.short', `4711.${TOKEN}/x`])
    expect(parseAddress(text)).toBeUndefined();
});

it('takes it out of the address and keeps it', () => {
  const told = page(`#handset=4711.${TOKEN}&invite=xyz`);
  expect(told).toEqual({
    found: { port: 4711, token: TOKEN },
    kept: [`4711.${TOKEN}`],
    shown: ['/?a=1#invite=xyz'],
  });
  expect(page('', `4711.${TOKEN}`).found).toEqual({ port: 4711, token: TOKEN });
  expect(page('#invite=xyz')).toEqual({ found: undefined, kept: [], shown: [] });
  expect(page('#handset=nonsense')).toEqual({ found: undefined, kept: [], shown: ['/?a=1'] });
});

it('knows one daemon, and no link of whoever takes it away', () => {
  const other = page('#handset=1.other-token-of-a-link', `4711.${TOKEN}`);
  expect(other).toEqual({ found: { port: 4711, token: TOKEN }, kept: [`4711.${TOKEN}`], shown: ['/?a=1'] });
  expect(page(`#handset=4712.${TOKEN}`, `4711.${TOKEN}`).found?.port).toBe(4712);
});

it('learns no other daemon while somebody is signed in, whose session that would get', () => {
  expect(page(`#handset=4711.${TOKEN}`, undefined, true).found).toBeUndefined();
  expect(page(`#handset=1.other-token-of-a-link`, `4711.${TOKEN}`, true).found?.port).toBe(4711);
  expect(page(`#handset=4712.${TOKEN}`, `4711.${TOKEN}`, true).found?.port).toBe(4712);
});
