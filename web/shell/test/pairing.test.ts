import { afterEach, describe, expect, it, vi } from 'vitest';
import { ask, letIn, pairingCode } from '../src/session/pairing.ts';

const ASKED = { claim: 'claim', number: '42', account: 'mei' };
const SESSION = { token: 't', account: { id: 'a' }, device: { id: 'd' } };

function network(...answers: (object | number | 'down')[]) {
  const asked: string[] = [];
  vi.stubGlobal('fetch', async (url: string) => {
    asked.push(url);
    const answer = answers.shift() ?? 'down';
    if (answer === 'down') throw new TypeError('Failed to fetch');
    if (typeof answer === 'number')
      return new Response(JSON.stringify({ code: 'pairing-denied' }), { status: answer });
    return new Response(JSON.stringify(answer));
  });
  return asked;
}

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

describe('a new device', () => {
  it('reads the code of the link', () => {
    expect(pairingCode('#pair=7KQ2-M0XW')).toBe('7KQ2-M0XW');
    expect(pairingCode('#invite=x')).toBe('');
  });

  it('asks with its code', async () => {
    const asked = network(ASKED);
    expect(await ask('/api', '7KQ2-M0XW', 'Pixel')).toEqual(ASKED);
    expect(asked).toEqual(['/api/pair']);
  });

  it('waits for a yes, also while the network is away', async () => {
    vi.useFakeTimers();
    const asked = network({ session: null }, 'down', { session: SESSION });
    const waiting = letIn('/api', ASKED, new AbortController().signal);
    await vi.advanceTimersByTimeAsync(3000);
    expect(await waiting).toEqual({ token: 't', account: 'a', device: 'd', name: 'mei' });
    expect(asked.length).toBe(3);
  });

  it('hears a no', async () => {
    network(403);
    await expect(letIn('/api', ASKED, new AbortController().signal)).rejects.toMatchObject({
      code: 'pairing-denied',
    });
  });

  it('stops asking when nobody waits any more', async () => {
    vi.useFakeTimers();
    const asked = network({ session: null });
    const away = new AbortController();
    const waiting = letIn('/api', ASKED, away.signal);
    await vi.advanceTimersByTimeAsync(100);
    away.abort(new Error('gone'));
    await expect(waiting).rejects.toThrow('gone');
    await vi.advanceTimersByTimeAsync(10_000);
    expect(asked.length).toBe(1);
  });
});
