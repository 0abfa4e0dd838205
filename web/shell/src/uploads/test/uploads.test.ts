import 'fake-indexeddb/auto';
import { expect, test } from 'vitest';
import type { Api } from '../../deps.ts';
import { NoticeStore } from '../../notices/notices.ts';
import { keptUploads } from '../kept.ts';
import { type Alone, KEPT_FROM, Uploads } from '../uploads.ts';

const SIZE = 6 << 20;

/** A cloud that takes what comes, while the line holds. */
class Line {
  kept = 0;
  up = true;
  refusal: object | undefined;
  private waiting: (() => void)[] = [];

  api(): Api {
    return {
      delete: async () => undefined,
      post: async () => {
        await this.line();
        return { upload: 'u', offset: 0 };
      },
      send: async (method: string, _path: string, _body: unknown, init?: RequestInit) => {
        await this.line();
        if (this.refusal) throw Object.assign(new Error('no'), this.refusal);
        if (method === 'GET') return new Response(JSON.stringify({ offset: this.kept }));
        this.kept += (init!.body as ArrayBuffer).byteLength;
        const headers = {
          'Upload-Offset': String(this.kept),
          ...(this.kept === SIZE && { 'Pileus-File': 'f' }),
        };
        return new Response(null, { status: 204, headers });
      },
    } as unknown as Api;
  }

  restore(): void {
    this.up = true;
    for (const go of this.waiting.splice(0)) go();
  }

  /** A request that gets no answer until the line is back: as of a page that is gone. */
  private async line(): Promise<void> {
    if (!this.up) await new Promise<void>((resolve) => this.waiting.push(resolve));
  }
}

const held = new Set<string>();
const alone: Alone = async (name, work) => {
  if (held.has(name)) return false;
  held.add(name);
  await work();
  held.delete(name);
  return true;
};
const wish = (size = SIZE) => ({
  file: new Blob([new Uint8Array(size)]),
  name: 'a.bin',
  parent: '',
  replaces: '',
});

test('what a page leaves behind is sent by the next one, from where the cloud is', async () => {
  const line = new Line();
  const kept = keptUploads('one');
  const first = new Uploads(line.api(), kept, new NoticeStore(), () => undefined, alone);
  const half = new Promise<void>((resolve) => {
    first.begin(wish(), ({ sent }) => {
      if (sent < SIZE && sent > 0) {
        line.up = false;
        resolve();
      }
    });
  });
  await half;
  expect((await kept.all())[0]).toMatchObject({ name: 'a.bin', upload: 'u' });
  held.clear(); // the page is gone, and its locks

  const next = new Line();
  next.kept = line.kept;
  const notices = new NoticeStore();
  let rung = 0;
  const again = new Uploads(next.api(), kept, notices, () => rung++, alone);
  const seen: (number | undefined)[] = [];
  notices.watch((list) => seen.push(list[0]?.progress));
  await again.resume();
  await expect.poll(async () => (await kept.all()).length).toBe(0);
  expect(next.kept).toBe(SIZE);
  expect(rung).toBe(1);
  expect(seen).toContain(1);
  await expect.poll(() => notices.all()).toEqual([]);
});

test('what another tab sends is left to it', async () => {
  const line = new Line();
  line.up = false;
  const kept = keptUploads('two');
  const one = new Uploads(line.api(), kept, new NoticeStore(), () => undefined, alone);
  const running = one.begin(wish(), () => undefined);
  await expect.poll(async () => (await kept.all()).length).toBe(1);
  const other = new Line();
  void new Uploads(other.api(), kept, new NoticeStore(), () => undefined, alone).resume();
  line.restore();
  expect(await running.done).toBe('f');
  expect(other.kept).toBe(0);
  expect(await kept.all()).toEqual([]);
});

test('an upload whose app is gone is told in a notice, also when it is refused', async () => {
  const line = new Line();
  line.refusal = { code: 'quota-exceeded', status: 507 };
  line.up = false;
  const notices = new NoticeStore();
  const uploads = new Uploads(line.api(), keptUploads('three'), notices, () => undefined, alone);
  const running = uploads.begin(wish(), () => undefined);
  running.leave();
  expect(notices.all()).toMatchObject([{ app: 'files', text: 'a.bin', ongoing: true }]);
  line.restore();
  await expect(running.done).rejects.toMatchObject({ code: 'quota-exceeded' });
  await expect.poll(() => notices.all()[0]?.ongoing).toBeUndefined();
  expect(notices.all()[0]?.text).toContain('full');
});

test('a small file is not kept', async () => {
  const line = new Line();
  line.up = false;
  const kept = keptUploads('four');
  new Uploads(line.api(), kept, new NoticeStore(), () => undefined, alone).begin(
    wish(KEPT_FROM - 1),
    () => undefined,
  );
  await Promise.resolve();
  expect(await kept.all()).toEqual([]);
});
