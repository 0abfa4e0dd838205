import { beforeEach, describe, expect, it } from 'vitest';
import type { Fields, SyncRecord } from '../../kit/src/sync/types.ts';
import type { KeptUpload } from '../src/uploads/kept.ts';
import { askKeys } from '../src/vault/codes.ts';
import { toBase64 } from '../src/vault/format.ts';
import { proofOf, sealForAsk } from '../src/vault/keys.ts';
import { Vault } from '../src/vault/vault.ts';

interface Ask {
  device: string;
  name: string;
  salt: string;
  proof: string;
  answer: string;
}

/** The cloud's side (src/pileus/cloud/services/files/vault.py), and what a lying one may do to it. */
class Cloud {
  key_id = '';
  wrapped = '';
  verifier = '';
  held = new Map<string, string>();
  asks: Ask[] = [];
  pair = { public: '', pair: '' };
  people = new Map<string, string>();
  given: { share: string; file: string; size: number; sealed: string }[] = [];
  records = new Map<string, SyncRecord>();
  contents = new Map<string, Blob>();
  sent: Partial<KeptUpload>[] = [];

  async device(name: string): Promise<Vault> {
    const algorithm = { name: 'AES-GCM', length: 256 };
    const key = await crypto.subtle.generateKey(algorithm, false, ['encrypt', 'decrypt']);
    const api = {
      get: async (path: string) => this.get(name, path) as never,
      post: async (path: string, body?: unknown) => this.post(name, path, body as never) as never,
      send: async (_: string, path: string, body?: unknown) => this.send(name, path, body as never),
      delete: async (path: string) => this.delete(name, path),
    };
    const sync = {
      query: async (_: string, where?: (record: SyncRecord) => boolean) =>
        [...this.records.values()].filter((one) => where?.(one) ?? true),
      get: async (_: string, id: string) => this.records.get(id),
      put: async (_: string, id: string, fields: Fields) => this.put(id, fields),
      ring: () => undefined,
    };
    const begin = (wish: Omit<KeptUpload, 'id'>) => {
      const id = wish.replaces || String(this.records.size);
      this.sent.push(wish);
      this.contents.set(id, wish.file);
      const { name: number, parent, sealed, file } = wish;
      const kept = { name: number, parent, size: file.size, type: file.type, modified_ms: 5, blake3: 'b' };
      this.put(id, { ...kept, sealed: sealed ?? '' });
      return { done: Promise.resolve(id), steer: () => undefined, leave: () => undefined };
    };
    return new Vault(api, sync, { begin }, name, { get: async () => key });
  }

  private put(id: string, fields: Fields): void {
    const all = { ...this.records.get(id)?.fields, ...fields };
    this.records.set(id, { collection: 'files.file', id, fields: all, seq: 1, pending: false });
  }

  private get(device: string, path: string): unknown {
    if (path.startsWith('/files/vault/people/')) return { public: this.people.get(path.split('/')[4]!) };
    if (path === '/files/shared') return { entries: this.given };
    if (path !== '/files/vault') return { items: [] };
    const { key_id, wrapped } = this;
    const asks = this.asks.map((one) => ({ ...one, answer: one.device === device ? one.answer : '' }));
    const held = this.held.get(device) ?? '';
    return { key_id, wrapped, held, holders: [...this.held.keys()], asks, ...this.pair };
  }

  private post(device: string, path: string, body: Record<string, string>): void {
    if (path === '/account/proof' || path === '/files/vault/anew') {
      if (body.present !== 'right') throw Object.assign(new Error(path), { code: 'present-password' });
      if (path === '/account/proof') return;
      if (body.ends !== this.key_id) throw Object.assign(new Error(path), { code: 'vault-changed' });
      this.held.clear();
      this.records.clear();
    }
    if (path === '/files/vault' || path === '/files/vault/anew') {
      Object.assign(this, { key_id: body.key_id, wrapped: body.wrapped, verifier: body.verifier });
      this.held.set(device, body.held!);
    } else if (path.endsWith('/shares'))
      this.given = [{ share: 's', file: '0', size: 0, sealed: body.sealed! }];
    else this.asks = [{ device, name: device, salt: body.salt!, proof: body.proof!, answer: '' }];
  }

  private send(device: string, path: string, body: Record<string, string>): Response {
    if (/[/](device|recovery)$/.test(path) && (!body.verifier || body.verifier !== this.verifier))
      throw Object.assign(new Error(path), { code: 'vault-unproven' });
    if (path.endsWith('/pair')) Object.assign(this, { pair: body });
    else if (path.endsWith('/device')) {
      this.held.set(device, body.wrapped!);
      this.asks = [];
    } else if (path.endsWith('/recovery')) this.wrapped = body.wrapped!;
    else if (path.includes('/asks/')) this.asks[0]!.answer = body.sealed!;
    else return new Response(this.contents.get(path.split('/').at(-2)!));
    return new Response();
  }

  private delete(device: string, path: string): void {
    if (path.includes('/asks/')) this.asks = [];
    else this.held.delete(device);
  }
}

let cloud: Cloud;
let phone: Vault;
let code: string;

async function made(vault: Vault): Promise<string> {
  const shown = await vault.begin();
  await vault.confirm(shown.slice(-4));
  return shown;
}

function refusal(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'done',
    (error: { code: string }) => error.code,
  );
}

beforeEach(async () => {
  cloud = new Cloud();
  phone = await cloud.device('phone');
  code = await made(phone);
});

describe('the vault', () => {
  it('is made once its code is kept', async () => {
    const other = await new Cloud().device('phone');
    expect((await other.state()).state).toBe('none');
    expect(await refusal(other.confirm('AAAA'))).toBe('vault-code-end');
    const shown = await other.begin();
    expect(await refusal(other.confirm(`${shown.slice(-4, -1)}?`))).toBe('vault-code-end');
    expect((await other.state()).state).toBe('none');
    await other.confirm(` ${shown.slice(-4).toLowerCase()}`);
    expect(await other.state()).toMatchObject({ state: 'open', devices: 1 });
  });

  it('gives back what was put into it, and tells the cloud nothing', async () => {
    const folder = await phone.folder('旅行', '');
    const wish = { name: 'heron.txt', type: 'text/plain', parent: folder, replaces: '' };
    const { done } = await phone.upload(new Blob(['by the lake']), wish, () => undefined);
    const id = await done;
    const entries = await phone.list();
    expect(entries.map(({ name, type, size }) => [name, type, size])).toEqual([
      ['旅行', 'inode/directory', 0],
      ['heron.txt', 'text/plain', 11],
    ]);
    expect(await (await phone.download(id)).text()).toBe('by the lake');
    await phone.rename(id, '白鹭.txt');
    expect((await phone.list())[1]!.name).toBe('白鹭.txt');
    await phone.upload(new Blob(['again']), { ...wish, replaces: id }, () => undefined);
    expect(await (await phone.download(id)).text()).toBe('again');
    const told = JSON.stringify([[...cloud.records.values()], cloud.sent, cloud.wrapped, [...cloud.held]]);
    for (const secret of ['旅行', 'heron', '白鹭', 'text/plain', code]) expect(told).not.toContain(secret);
    expect(cloud.sent[0]!.name).toMatch(/^[0-9a-f]{32}$/);
  });

  it('refuses what the cloud exchanged', async () => {
    const wish = { type: 'text/plain', parent: '', replaces: '' };
    const put = async (name: string) =>
      (await phone.upload(new Blob([name]), { ...wish, name }, () => undefined)).done;
    const [one, two] = [await put('one'), await put('two')];
    cloud.contents.set(one, cloud.contents.get(two)!);
    expect(await refusal(phone.download(one))).toBe('vault-damaged');
    cloud.records.get(two)!.fields.sealed = 'AAAA';
    expect((await phone.list()).map(({ name }) => name)).toEqual(['one', '']);
  });

  it('opens by its recovery code alone, and by the last one alone', async () => {
    const tablet = await cloud.device('tablet');
    expect((await tablet.state()).state).toBe('closed');
    expect(await refusal(tablet.list())).toBe('vault-closed');
    expect(await refusal(tablet.begin())).toBe('vault-exists');
    expect(await refusal(tablet.recover(code.slice(1)))).toBe('vault-code');
    expect(await refusal(tablet.recover(await (await new Cloud().device('x')).begin()))).toBe(
      'wrong-vault-code',
    );
    await tablet.recover(code.toLowerCase());
    expect(await tablet.state()).toMatchObject({ state: 'open', devices: 2 });
    const next = await made(phone);
    const third = await cloud.device('third');
    expect(await refusal(third.recover(code))).toBe('wrong-vault-code');
    await third.recover(next);
    await third.close();
    expect((await third.state()).state).toBe('closed');
    expect(await refusal(third.list())).toBe('vault-closed');
  });

  it('is started over with another key and code, for the password, once that code is kept', async () => {
    await phone.folder('旅行', '');
    const lost = cloud.key_id;
    const fresh = await cloud.device('fresh');
    expect(await refusal(fresh.beginAnew('wrong'))).toBe('present-password');
    expect(await refusal(fresh.confirm('AAAA'))).toBe('vault-code-end');
    const overtaken = await cloud.device('overtaken');
    const late = await overtaken.beginAnew('right');
    const shown = await fresh.beginAnew('right');
    expect([cloud.key_id, cloud.records.size]).toEqual([lost, 1]);
    await fresh.confirm(shown.slice(-4));
    expect(cloud.key_id).not.toBe(lost);
    // Whoever was told of the vault before does not end this one.
    expect(await refusal(overtaken.confirm(late.slice(-4)))).toBe('vault-changed');
    expect(await fresh.state()).toMatchObject({ state: 'open', devices: 1 });
    expect(await fresh.list()).toEqual([]);
    expect((await phone.state()).state).toBe('closed');
    expect(await refusal(phone.recover(code))).toBe('wrong-vault-code');
    await phone.recover(shown);
    expect((await phone.state()).devices).toBe(2);
    expect(await refusal((await new Cloud().device('x')).beginAnew('right'))).toBe('no-vault');
  });

  it('is closed on a device whose wrap the cloud does not tell, or tells another of', async () => {
    const tablet = await cloud.device('tablet');
    cloud.held.set('tablet', cloud.held.get('phone')!);
    expect((await tablet.state()).state).toBe('closed');
    cloud.held.delete('phone');
    expect((await phone.state()).state).toBe('closed');
  });
});

describe('a device that asks', () => {
  it('is let in by the code that it shows', async () => {
    const tablet = await cloud.device('tablet');
    const shown = await tablet.ask();
    expect((await tablet.state()).asking).toBe(shown);
    expect((await phone.state()).asks).toEqual([{ device: 'tablet', name: 'tablet' }]);
    expect(await refusal(phone.admit('tablet', shown.replace(/.$/u, '?')))).toBe('wrong-ask-code');
    expect((await tablet.state()).state).toBe('closed');
    await phone.admit('tablet', shown.toLowerCase());
    expect(await tablet.state()).toMatchObject({ state: 'open', asking: '', devices: 2 });
  });

  it('is not let in where the cloud asks in its place', async () => {
    const tablet = await cloud.device('tablet');
    const shown = await tablet.ask();
    const salt = crypto.getRandomValues(new Uint8Array(32));
    const own = 'AAAA-AAAA-AAAA';
    cloud.asks[0]!.salt = toBase64(salt);
    cloud.asks[0]!.proof = await proofOf(own, salt, 'tablet');
    expect(await refusal(phone.admit('tablet', shown))).toBe('wrong-ask-code');
    cloud.asks[0]!.device = 'stranger';
    expect(await refusal(phone.admit('stranger', shown))).toBe('wrong-ask-code');
    expect(cloud.asks[0]!.answer).toBe('');
  });

  it('takes no key that the cloud made', async () => {
    const tablet = await cloud.device('tablet');
    await tablet.ask();
    const salt = crypto.getRandomValues(new Uint8Array(32));
    const forged = { id: new Uint8Array(16), raw: new Uint8Array(32) };
    cloud.asks[0]!.answer = await sealForAsk(forged, 'AAAA-AAAA-AAAA', salt, 'tablet');
    cloud.key_id = '0'.repeat(32);
    expect(await refusal(tablet.state())).toBe('vault-answer');
    expect(await tablet.state()).toMatchObject({ state: 'closed', asking: '' });
    expect(cloud.held.has('tablet')).toBe(false);
  });

  it('has keys that neither prove nor seal for each other', async () => {
    const { seal, check } = await askKeys('AAAA', new Uint8Array(32));
    expect(seal).not.toEqual(check);
  });
});

describe('another account', () => {
  let theirs: Cloud;
  let ben: Vault;
  let file: string;

  beforeEach(async () => {
    theirs = new Cloud();
    ben = await theirs.device('ben');
    await made(ben);
    const wish = { name: 'heron.txt', type: 'text/plain', parent: '', replaces: '' };
    file = await (await phone.upload(new Blob(['by the lake']), wish, () => undefined)).done;
    theirs.contents = cloud.contents;
  });

  /** What the cloud does with a share: it goes to the other account's side. */
  async function give(number: string): Promise<void> {
    await phone.share(file, 'ben', number, null);
    theirs.given = cloud.given;
  }

  it('opens the file that was shared with it, and has no other key', async () => {
    const number = await ben.number();
    expect(number).toMatch(/^([0-9A-Z]{4}-){3}[0-9A-Z]{4}$/);
    expect(await ben.number()).toBe(number);
    cloud.people.set('ben', theirs.pair.public);
    await give(number.toLowerCase().replaceAll('-', ' '));
    expect(await ben.given()).toMatchObject({ s: { name: 'heron.txt', type: 'text/plain' } });
    expect(await (await ben.givenContent('s')).text()).toBe('by the lake');
    expect(JSON.stringify(theirs.given)).not.toContain('heron');
    cloud.contents.set(file, new Blob([await cloud.contents.get(file)!.arrayBuffer(), 'x']));
    expect(await refusal(ben.givenContent('s'))).toBe('vault-damaged');
    theirs.given[0]!.sealed = `AAAA${theirs.given[0]!.sealed.slice(4)}`;
    expect(await ben.given()).toMatchObject({ s: { name: '' } });
  });

  it('is given nothing where the cloud tells another point of it', async () => {
    const number = await ben.number();
    const eve = new Cloud();
    const stranger = await eve.device('eve');
    await made(stranger);
    await stranger.number();
    cloud.people.set('ben', eve.pair.public);
    expect(await refusal(give(number))).toBe('wrong-vault-number');
    expect(cloud.given).toEqual([]);
  });

  it('is told its own point alone', async () => {
    await ben.number();
    const eve = new Cloud();
    const stranger = await eve.device('eve');
    await made(stranger);
    await stranger.number();
    theirs.pair = eve.pair;
    expect(await refusal(ben.number())).toBe('vault-damaged');
  });
});
