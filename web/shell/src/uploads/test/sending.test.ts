import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import type { Upload } from '../../../../sdk/src/protocol.ts';
import type { Api } from '../../deps.ts';
import { Sending } from '../sending.ts';

const SIZE = 10 << 20;
const PLACE = { name: 'a', parent: '', replaces: '' };

interface Told {
  offset: number;
  file?: string;
}

/** A cloud that keeps bytes by offset, and a line that can fail at chosen requests. */
class Cloud {
  kept = 0;
  bytes = 0;
  requests: string[] = [];
  fail: (nth: number, method: string) => 'before' | 'after' | undefined = () => undefined;
  forgotten = false;
  refuse: { code: string; status: number } | undefined;

  api(): Api {
    return {
      delete: async (path: string) => void this.requests.push(`DELETE ${path}`),
      post: async () => this.answer('POST', () => ({ upload: 'u', offset: 0 })),
      send: async (method: string, _path: string, _body: unknown, init?: RequestInit) => {
        const told = (await this.answer(method, () => this.take(method, init))) as Told;
        if (method === 'GET') return new Response(JSON.stringify(told));
        const headers: Record<string, string> = { 'Upload-Offset': String(told.offset) };
        if (told.file) headers['Pileus-File'] = told.file;
        return new Response(null, { status: 204, headers });
      },
    } as unknown as Api;
  }

  private take(method: string, init?: RequestInit): object {
    if (method === 'GET' && this.forgotten)
      throw Object.assign(new Error('gone'), { code: 'no-upload', status: 404 });
    if (method === 'GET')
      return this.kept === SIZE ? { offset: this.kept, file: 'f' } : { offset: this.kept };
    const at = Number(new Headers(init?.headers).get('Upload-Offset'));
    if (at !== this.kept) throw Object.assign(new Error('offset'), { code: 'wrong-offset', status: 409 });
    const body = init!.body as ArrayBuffer;
    const hash = createHash('sha256').update(new Uint8Array(body)).digest('base64');
    expect(new Headers(init?.headers).get('Upload-Checksum')).toBe(`sha256 ${hash}`);
    this.kept += body.byteLength;
    this.bytes += body.byteLength;
    return this.kept === SIZE ? { offset: this.kept, file: 'f' } : { offset: this.kept };
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
  expect(await start(cloud, (state) => seen.push(state.sent)).send(PLACE)).toBe('f');
  expect(cloud.requests).toEqual(['POST', 'PATCH', 'PATCH', 'PATCH']);
  expect(seen).toEqual([4 << 20, 8 << 20, SIZE]);
});

test.each(['before', 'after'] as const)(
  'a line that breaks %s each arrival sends nothing twice',
  async (when) => {
    const cloud = new Cloud();
    const states: string[] = [];
    cloud.fail = (nth, method) => (method === 'PATCH' && nth % 3 === 0 ? when : undefined);
    const done = start(cloud, (state) => states.push(state.state)).send(PLACE);
    expect(await done).toBe('f');
    expect(cloud.bytes).toBe(SIZE);
    expect(states).toContain('waiting');
  },
);

test('a refusal by the cloud ends it with its code', async () => {
  const cloud = new Cloud();
  cloud.refuse = { code: 'quota-exceeded', status: 507 };
  await expect(start(cloud).send(PLACE)).rejects.toMatchObject({ code: 'quota-exceeded' });
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
  const done = sending.send(PLACE);
  await paused;
  expect(cloud.kept).toBe(4 << 20);
  sending.steer('resume');
  expect(await done).toBe('f');
  expect(cloud.bytes).toBe(SIZE);

  const unwanted = new Cloud();
  const other = start(unwanted, () => other.steer('cancel'));
  await expect(other.send(PLACE)).rejects.toMatchObject({ code: 'cancelled' });
  expect(unwanted.requests.at(-1)).toBe('DELETE /files/uploads/u');
});

test('an upload that was begun before goes on where the cloud is, or begins anew where it is forgotten', async () => {
  const cloud = new Cloud();
  cloud.kept = 4 << 20;
  expect(await start(cloud).send({ ...PLACE, upload: 'u' })).toBe('f');
  expect(cloud.requests).toEqual(['GET', 'PATCH', 'PATCH']);
  expect(cloud.bytes).toBe(SIZE - (4 << 20));

  const other = new Cloud();
  other.forgotten = true;
  const began: string[] = [];
  const done = start(other).send({ ...PLACE, upload: 'gone' }, async (upload) => void began.push(upload));
  expect(await done).toBe('f');
  expect(other.requests.slice(0, 2)).toEqual(['GET', 'POST']);
  expect(began).toEqual(['u']);
});
