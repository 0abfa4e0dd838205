import { afterEach, describe, expect, it, vi } from 'vitest';
import { HttpApi } from '../src/session/api.ts';
import { Problem } from '../src/session/problem.ts';
import {
  enter,
  guessDeviceName,
  invitationSecret,
  readSession,
  setupCode,
  strength,
  writeSession,
} from '../src/session/session.ts';
import { DEFAULTS, parsePreferences } from '../src/settings/preferences.ts';
import { CloudApp } from '../src/windows/cloud.ts';

type Answer = { status?: number; body?: unknown } | 'down';

/** A fake of the one true border: the network. Gives back what was asked. */
function network(...answers: Answer[]) {
  const asked: { method: string; url: string; token: string | null; body: unknown }[] = [];
  vi.stubGlobal('fetch', async (url: string, init: RequestInit) => {
    const headers = new Headers(init.headers);
    const body = init.body ? JSON.parse(String(init.body)) : undefined;
    asked.push({ method: init.method!, url, token: headers.get('Authorization'), body });
    const answer = answers.shift() ?? 'down';
    if (answer === 'down') throw new TypeError('Failed to fetch');
    return new Response(JSON.stringify(answer.body ?? {}), { status: answer.status ?? 200 });
  });
  return asked;
}

function keeper() {
  const kept = new Map<string, string>();
  return {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  };
}

afterEach(() => vi.unstubAllGlobals());

describe('the API', () => {
  it('carries the token and gives problems as the server named them', async () => {
    const asked = network({ status: 507, body: { code: 'quota-exceeded', detail: 'Full.' } });
    const failure = await new HttpApi('/api/v1', 'secret').get('/account').catch((error) => error);
    expect(asked[0]).toMatchObject({ method: 'GET', url: '/api/v1/account', token: 'Bearer secret' });
    expect(failure).toBeInstanceOf(Problem);
    expect(failure).toMatchObject({ code: 'quota-exceeded', status: 507 });
  });

  it('says offline when nothing answers, in words', async () => {
    network('down');
    const failure = (await new HttpApi('/api/v1', '').get('/server').catch((error) => error)) as Problem;
    expect(failure.code).toBe('offline');
    expect(failure.words()).toMatch(/connection/);
  });

  it('tells when the cloud no longer knows this device, but not at a wrong password', async () => {
    const out = vi.fn();
    network({ status: 401, body: { code: 'unauthorized' } }, { status: 401, body: { code: 'unauthorized' } });
    await new HttpApi('', 'old', out).get('/account').catch(() => undefined);
    expect(out).toHaveBeenCalledTimes(1);
    await new HttpApi('', '', out).post('/sign-in', {}).catch(() => undefined);
    expect(out).toHaveBeenCalledTimes(1);
  });
});

describe('a session', () => {
  it('is made, kept and forgotten', async () => {
    const asked = network({ status: 201, body: { token: 't', account: { id: 'a' }, device: 'd' } });
    const session = await enter('/api/v1', 'create', 'mei', 'correct horse', 'Pixel 8');
    expect(asked[0]).toMatchObject({
      url: '/api/v1/accounts',
      body: { name: 'mei', device_name: 'Pixel 8' },
    });
    const place = keeper();
    writeSession(place, session);
    expect(readSession(place)).toEqual({ token: 't', account: 'a', device: 'd', name: 'mei' });
    writeSession(place, undefined);
    expect(readSession(place)).toBeUndefined();
  });

  it('survives nonsense in its place', () => {
    const place = keeper();
    place.setItem('pileus.session', '{"token":');
    expect(readSession(place)).toBeUndefined();
    expect(parsePreferences('[[')).toEqual(DEFAULTS);
    expect(parsePreferences('{"theme":"dark","form":"toaster"}')).toEqual({ ...DEFAULTS, theme: 'dark' });
  });

  it('names the device as its owner would', () => {
    const linux = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36';
    const pixel =
      'Mozilla/5.0 (Linux; Android 14; Pixel 8 Build/AP1A) AppleWebKit/537.36 Chrome/140 Mobile Safari/537.36';
    const reduced =
      'Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 Chrome/140.0.0.0 Mobile Safari/537.36';
    expect(guessDeviceName(linux)).toBe('Chrome on Linux');
    expect(guessDeviceName(pixel)).toBe('Pixel 8');
    expect(guessDeviceName(reduced)).toBe('Chrome on Android');
    expect(guessDeviceName('iPhone; CPU')).toBe('iPhone');
  });

  it('judges a password by its length first', () => {
    expect(['short', 'aaaaaaaaaaaaaaaa', 'abcdefgh12', 'correct horse battery'].map(strength)).toEqual([
      0, 1, 2, 3,
    ]);
  });
});

describe('an app in the cloud', () => {
  const room = () => ({ width: 391, height: 773, ratio: 3, theme: 'dark' as const });

  it('is opened once, then asked for tickets', async () => {
    const asked = network(
      { body: { session: 's', ticket: 'one', url: 'ws://x/surface' } },
      { body: { ticket: 'two' } },
    );
    const app = new CloudApp(new HttpApi('', 't'), 'demo', room);
    expect(await app.connect()).toEqual({ url: 'ws://x/surface', ticket: 'one' });
    expect(await app.connect()).toEqual({ url: 'ws://x/surface', ticket: 'two' });
    expect(asked.map((one) => one.url)).toEqual(['/apps/demo/open', '/sessions/s/ticket']);
    expect(asked[0]?.body).toMatchObject({ width: 782, height: 1546, dpi: 320, theme: 'dark' });
  });

  it('says that its session is gone, and is opened again when it is asked once more', async () => {
    const gone = { status: 404, body: { code: 'no-session' } };
    const first = { body: { session: 's', ticket: 'one', url: 'u' } };
    network(first, gone, { body: { session: 'n', ticket: 'new', url: 'v' } });
    const app = new CloudApp(new HttpApi('', 't'), 'demo', room);
    await app.connect();
    expect(await app.connect()).toBeUndefined();
    expect(await app.connect()).toEqual({ url: 'v', ticket: 'new' });
  });
});

it('reads the secret of an invitation from its link', () => {
  for (const link of ['#invite=aB_-9', 'http://a.example:8080/#invite=aB_-9\n', ' invite=aB_-9'])
    expect(invitationSecret(link)).toBe('aB_-9');
  for (const none of ['', '#', '#invite', '#setup=x']) expect(invitationSecret(none)).toBe('');
});

it('reads the setup code from what stands behind the # of the printed address', () => {
  expect(setupCode('#setup=aB_-9')).toBe('aB_-9');
  expect(setupCode('#a=1&setup=x')).toBe('x');
  for (const none of ['', '#', '#setup', '#other=1']) expect(setupCode(none)).toBe('');
});
