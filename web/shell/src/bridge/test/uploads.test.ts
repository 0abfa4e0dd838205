import { expect, test } from 'vitest';
import type { Upload } from '../../../../sdk/src/protocol.ts';
import type { Api } from '../../deps.ts';
import { Sending } from '../methods/files.ts';

const SIZE = 10 << 20;

/** A cloud that keeps bytes by offset, and a line that can fail at chosen requests. */
class Cloud {
  kept = 0;
  bytes = 0;
  requests: string[] = [];
  fail: (nth: number, method: string) => 'before' | 'after' | undefined = () => undefined;
  refuse: { code: string; status: number } | undefined;

  api(): Api {
    return {
      delete: async (path: string) => void this.requests.push(`DELETE ${path}`),
      post: async () => this.answer('POST', () => ({ upload: 'u', offset: 0 })),
      send: async (method: string, _path: string, _body: unknown, init?: RequestInit) => {
        const told = await this.answer(method, () => this.take(method, init));
        return new Response(JSON.stringify(told));
      },
    } as unknown as Api;
  }

  private take(method: string, init?: RequestInit): object {
    if (method === 'GET')
      return this.kept === SIZE ? { offset: this.kept, file: 'f' } : { offset: this.kept };
    const at = Number(new Headers(init?.headers).get('Upload-Offset'));
    if (at !== this.kept) throw Object.assign(new Error('offset'), { code: 'wrong-offset', status: 409 });
    const { size } = init!.body as Blob;
    this.kept += size;
    this.bytes += size;
    return this.kept === SIZE ? { offset: this.kept, file: { id: 'f' } } : { offset: this.kept };
  }

  private async answer<T>(method: string, act: () => T): Promise<T> {
    const nth = this.requests.push(method);
    if (this.refuse) throw Object.assign(new Error('no'), this.refuse);
    const failing = this.fail(nth, method);
    if (failing === 'before') throw Object.assign(new Error('gone'), { code: 'offline' });
    const told = act();
    if (failing === 'after') throw Object.assign(new Error('gone'), { code: 'offline' });
    return told;
  }
}

function start(cloud: Cloud, show: (state: Upload) => void = () => undefined): Sending {
  return new Sending(cloud.api(), new Blob([new Uint8Array(SIZE)]), show, async () => undefined);
}

test('a file goes in pieces and the progress rises to them', async () => {
  const cloud = new Cloud();
  const seen: number[] = [];
  expect(await start(cloud, (state) => seen.push(state.sent)).send('a', '')).toBe('f');
  expect(cloud.requests).toEqual(['POST', 'PATCH', 'PATCH', 'PATCH']);
  expect(seen).toEqual([4 << 20, 8 << 20, SIZE]);
});

test.each(['before', 'after'] as const)(
  'a line that breaks %s each arrival sends nothing twice',
  async (when) => {
    const cloud = new Cloud();
    const states: string[] = [];
    cloud.fail = (nth, method) => (method === 'PATCH' && nth % 3 === 0 ? when : undefined);
    const done = start(cloud, (state) => states.push(state.state)).send('a', '');
    expect(await done).toBe('f');
    expect(cloud.bytes).toBe(SIZE);
    expect(states).toContain('waiting');
  },
);

test('a refusal by the cloud ends it with its code', async () => {
  const cloud = new Cloud();
  cloud.refuse = { code: 'quota-exceeded', status: 507 };
  await expect(start(cloud).send('a', '')).rejects.toMatchObject({ code: 'quota-exceeded' });
  expect(cloud.requests).toEqual(['POST']);
});

test('a paused upload waits until it is told to go on; a cancelled one ends', async () => {
  const cloud = new Cloud();
  let reached: () => void = () => undefined;
  const paused = new Promise<void>((resolve) => {
    reached = resolve;
  });
  const sending = start(cloud, (state) => {
    if (state.state === 'sending' && state.sent === 4 << 20) sending.steer('pause');
    if (state.state === 'paused') reached();
  });
  const done = sending.send('a', '');
  await paused;
  expect(cloud.kept).toBe(4 << 20);
  sending.steer('resume');
  expect(await done).toBe('f');
  expect(cloud.bytes).toBe(SIZE);

  const unwanted = new Cloud();
  const other = start(unwanted, () => other.steer('cancel'));
  await expect(other.send('a', '')).rejects.toMatchObject({ code: 'cancelled' });
  expect(unwanted.requests.at(-1)).toBe('DELETE /files/uploads/u');
});
