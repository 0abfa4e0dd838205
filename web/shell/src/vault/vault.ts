/**
 * The account's vault on this device: its key is here, in the shell, and apps get what it opened.
 *
 * How the key is kept and how a device is let in: docs/design/vault.md.
 */

import type { Fields, Sync, SyncRecord } from '../../../kit/src/sync/types.ts';
import type { TrashItem, Upload, VaultEntry, VaultState } from '../../../sdk/src/protocol.ts';
import type { Api } from '../deps.ts';
import { Problem } from '../session/problem.ts';
import type { Running, Uploads } from '../uploads/uploads.ts';
import { codeOf, newAskCode, newSecret, plain, secretOf, sharingNumber } from './codes.ts';
import type { DeviceKeys } from './device.ts';
import {
  type Area,
  type Bytes,
  fromBase64,
  type Named,
  newNamed,
  openContent,
  openNamed,
  openShared,
  plainSize,
  random,
  sealContent,
  sealNamed,
  toBase64,
} from './format.ts';
import {
  type AreaKey,
  newAreaKey,
  openAnswer,
  openedBy,
  proofOf,
  sealForAsk,
  unwrapByCode,
  unwrapOnDevice,
  verifierOf,
  wrapForCode,
  wrapForDevice,
} from './keys.ts';
import { newPair, openPair, openShare, type Pair, sealShare } from './sharing.ts';

const FILES = 'files.file';
const FOLDER = 'inode/directory';
/** All of a file goes through the memory. */
const MOST = 1 << 30;

interface Ask {
  device: string;
  name: string;
  salt: string;
  proof: string;
  answer: string;
}

/** What the cloud knows of the vault. */
interface Told {
  key_id: string;
  wrapped: string;
  held: string;
  holders: string[];
  asks: Ask[];
  public: string;
  pair: string;
}

/** What another account shares of its vault. */
interface Given {
  share: string;
  file: string;
  size: number;
  sealed: string;
}

interface Place {
  name: string;
  type: string;
  parent: string;
  /** The file that gets this content. */
  replaces: string;
}

export class Vault {
  private area?: Area;
  /** A recovery code that was shown and not confirmed yet. */
  private begun?: { secret: Bytes; key?: AreaKey; anew?: { present: string; ends: string } };
  private asking?: { code: string; salt: Bytes };
  /** By what is sealed: names are opened once. */
  private readonly names = new Map<string, Promise<Named>>();

  constructor(
    private readonly api: Pick<Api, 'get' | 'post' | 'delete' | 'send'>,
    private readonly sync: Pick<Sync, 'query' | 'get' | 'put' | 'ring'>,
    private readonly uploads: Pick<Uploads, 'begin'>,
    private readonly device: string,
    private readonly keys: DeviceKeys,
  ) {}

  /** Takes an answer to what this device asked, where one came. Rejects where the cloud cannot be reached. */
  async state(): Promise<VaultState> {
    let told = await this.told();
    if (await this.look(told)) told = await this.told();
    const state = !told.key_id ? 'none' : this.area ? 'open' : 'closed';
    const others = this.area ? told.asks.filter(({ device }) => device !== this.device) : [];
    return {
      state,
      asks: others.map(({ device, name }) => ({ device, name })),
      asking: this.asking?.code ?? '',
      devices: told.holders.length,
    };
  }

  /** Devices that wait to be let in; none where this one cannot do that. */
  async waiting(): Promise<string[]> {
    return (await this.state()).asks.map(({ device }) => device);
  }

  /** A recovery code to be shown: of a new vault, or another one for this. Nothing holds until `confirm`. */
  async begin(): Promise<string> {
    const told = await this.told();
    if (told.key_id && !told.held) throw new Problem('vault-exists', '');
    this.begun = told.key_id ? { secret: newSecret() } : { secret: newSecret(), key: newAreaKey() };
    return codeOf(this.begun.secret);
  }

  /**
   * The same of a new vault in place of one that nobody opens any more; `present`: the account's password. What was
   * in that is deleted for good by `confirm`.
   */
  async beginAnew(present: string): Promise<string> {
    const { key_id: ends } = await this.told();
    if (!ends) throw new Problem('no-vault', '');
    await this.api.post('/account/proof', { present });
    this.begun = { secret: newSecret(), key: newAreaKey(), anew: { present, ends } };
    return codeOf(this.begun.secret);
  }

  /** The owner has the code: from now on it opens the vault. Rejects with "vault-code-end" for another one's end. */
  async confirm(end: string): Promise<void> {
    const { begun } = this;
    if (!begun) throw new Problem('vault-code-end', '');
    const code = await codeOf(begun.secret);
    if (code.slice(-4) !== plain(end)) throw new Problem('vault-code-end', '');
    if (begun.key) await this.make(begun.key, begun.secret, begun.anew);
    else await this.rewrap(begun.secret);
    this.begun = undefined;
  }

  /** What was begun is not wanted: nothing of it is kept. */
  forget(): void {
    this.begun = undefined;
  }

  async recover(code: string): Promise<void> {
    const secret = await secretOf(code);
    const told = await this.told();
    if (!told.key_id) throw new Problem('no-vault', '');
    await this.hold(await unwrapByCode(fromHex(told.key_id), told.wrapped, secret));
  }

  /** Asks to be let in; the code that this device is to show. */
  async ask(): Promise<string> {
    const [code, salt] = [newAskCode(), random(32)];
    const proof = await proofOf(code, salt, this.device);
    await this.api.post('/files/vault/asks', { salt: toBase64(salt), proof });
    this.asking = { code, salt };
    return code;
  }

  async askNoMore(): Promise<void> {
    this.asking = undefined;
    await this.deny(this.device);
  }

  /** Lets a device in whose code the owner typed here. Rejects with "wrong-ask-code" where it shows another one. */
  async admit(device: string, code: string): Promise<void> {
    const told = await this.told();
    const ask = told.asks.find((one) => one.device === device);
    if (!ask) throw new Problem('no-vault-ask', '');
    const salt = fromBase64(ask.salt);
    if ((await proofOf(code, salt, device)) !== ask.proof) throw new Problem('wrong-ask-code', '');
    const key = await this.own(told);
    const sealed = await sealForAsk(key, code, salt, device);
    await this.api.send('PUT', askOf(device), { salt: ask.salt, sealed });
  }

  async deny(device: string): Promise<void> {
    await this.api.delete(askOf(device));
  }

  /** This device gives the key up. */
  async close(): Promise<void> {
    await this.api.delete('/files/vault/device');
    this.area = undefined;
    this.names.clear();
  }

  /** What is in it; a name that does not open is "". */
  async list(): Promise<VaultEntry[]> {
    const area = await this.opened();
    const sealed = await this.sync.query(FILES, ({ fields }) => typeof fields.sealed === 'string');
    return Promise.all(sealed.map((record) => this.entry(area, record)));
  }

  /** Names of what was in it and is in the trash, by id. */
  async trash(): Promise<Record<string, { name: string; type: string; size: number }>> {
    const area = await this.opened();
    const { items } = await this.api.get<{ items: (TrashItem & { sealed: string })[] }>('/files/trash');
    const found = items.filter((one) => one.sealed);
    const told = await Promise.all(
      found.map(async ({ id, sealed, size, items: inside }) => {
        const named = await this.named(area, sealed).catch(() => undefined);
        const plain = inside > 0 ? size : plainSize(size);
        return [id, { name: named?.name ?? '', type: named?.type ?? '', size: plain }] as const;
      }),
    );
    return Object.fromEntries(told);
  }

  /** Seals it, then sends it as any upload; `name` and `type` of a file that gets a new content stay. */
  async upload(file: Blob, wish: Place, show: (state: Upload) => void): Promise<Running> {
    if (file.size > MOST) throw new Problem('vault-large', '');
    const area = await this.opened();
    const old = wish.replaces ? await this.record(wish.replaces) : undefined;
    const named = old ? await this.named(area, sealedOf(old)) : newNamed(wish.name, wish.type);
    const sealed = old ? sealedOf(old) : await sealNamed(area, named);
    const content = await sealContent(area, named, file);
    const place = { parent: wish.parent, replaces: wish.replaces, sealed };
    return this.uploads.begin({ file: content, name: numberOf(random(16)), ...place }, show);
  }

  /** What another account types to share with this one. */
  async number(): Promise<string> {
    return sharingNumber((await this.pair()).public);
  }

  /** Gives an account the key of one file. Rejects with "wrong-vault-number" where its number is another one. */
  async share(id: string, account: string, number: string, expires: number | null): Promise<void> {
    const area = await this.opened();
    const path = `/files/vault/people/${encodeURIComponent(account)}`;
    const to = fromBase64((await this.api.get<{ public: string }>(path)).public);
    if (plain(await sharingNumber(to)) !== plain(number)) throw new Problem('wrong-vault-number', '');
    const sealed = await sealShare(await this.named(area, sealedOf(await this.record(id))), to);
    await this.api.post(`/files/${encodeURIComponent(id)}/shares`, { account, sealed, expires_ms: expires });
  }

  /** Names of what others share of their vaults, by share; what does not open has none. */
  async given(): Promise<Record<string, { name: string; type: string; size: number }>> {
    const sealed = (await this.shared()).filter((one) => one.sealed);
    const pair = sealed.length > 0 ? await this.pair() : undefined;
    const told = await Promise.all(
      sealed.map(async ({ share, size, sealed }) => {
        const named = await openShare(sealed, pair!).catch(() => undefined);
        return [share, { name: named?.name ?? '', type: named?.type ?? '', size: plainSize(size) }] as const;
      }),
    );
    return Object.fromEntries(told);
  }

  async givenContent(share: string): Promise<Blob> {
    const given = (await this.shared()).find((one) => one.share === share && one.sealed);
    if (!given) throw new Problem('no-share', '');
    const named = await openShare(given.sealed, await this.pair());
    const path = `/files/shared/${encodeURIComponent(share)}/${encodeURIComponent(given.file)}/content`;
    return openShared(named, await (await this.api.send('GET', path)).blob());
  }

  async download(id: string): Promise<Blob> {
    return this.content(id, `/files/${encodeURIComponent(id)}/content`);
  }

  async version(id: string, version: string): Promise<Blob> {
    return this.content(
      id,
      `/files/${encodeURIComponent(id)}/versions/${encodeURIComponent(version)}/content`,
    );
  }

  async versions<T extends { versions: { size: number }[] }>(id: string): Promise<T> {
    const told = await this.api.get<T>(`/files/${encodeURIComponent(id)}/versions`);
    const versions = told.versions.map((one) => ({ ...one, size: plainSize(one.size) }));
    return { ...told, versions };
  }

  /** The folder's record id. */
  async folder(name: string, parent: string): Promise<string> {
    const sealed = await sealNamed(await this.opened(), newNamed(name, FOLDER, true));
    const id = crypto.randomUUID();
    const fields = { name: numberOf(random(16)), parent, type: FOLDER, size: 0, sealed };
    await this.sync.put(FILES, id, { ...fields, modified_ms: Date.now() });
    return id;
  }

  async rename(id: string, name: string): Promise<void> {
    const area = await this.opened();
    const named = await this.named(area, sealedOf(await this.record(id)));
    await this.sync.put(FILES, id, { sealed: await sealNamed(area, { ...named, name }) });
  }

  private async content(id: string, path: string): Promise<Blob> {
    const area = await this.opened();
    const named = await this.named(area, sealedOf(await this.record(id)));
    const sealed = await (await this.api.send('GET', path)).blob();
    return openContent(area, named, sealed);
  }

  private async entry(area: Area, { id, fields }: SyncRecord): Promise<VaultEntry> {
    const number = (name: string) => (typeof fields[name] === 'number' ? (fields[name] as number) : 0);
    const text = (name: string) => (typeof fields[name] === 'string' ? (fields[name] as string) : '');
    const named = await this.named(area, text('sealed')).catch(() => undefined);
    const folder = text('type') === FOLDER;
    return {
      id,
      name: named?.name ?? '',
      type: folder ? FOLDER : (named?.type ?? ''),
      parent: text('parent'),
      size: folder ? 0 : plainSize(number('size')),
      modified_ms: number('modified_ms'),
      version: text('blake3'),
    };
  }

  private named(area: Area, sealed: string): Promise<Named> {
    const found = this.names.get(sealed) ?? openNamed(area, sealed);
    this.names.set(sealed, found);
    return found;
  }

  private async record(id: string): Promise<Fields> {
    const found = await this.sync.get(FILES, id);
    if (!found) throw new Problem('no-file', '');
    return found.fields;
  }

  private async shared(): Promise<Given[]> {
    return (await this.api.get<{ entries: Given[] }>('/files/shared')).entries;
  }

  /** What others seal for; made when it is first asked for. */
  private async pair(): Promise<Pair> {
    const area = await this.opened();
    const { pair } = await this.told();
    if (pair) return openPair(area, pair);
    await this.api.send('PUT', '/files/vault/pair', await newPair(area)).catch((error: { code?: string }) => {
      if (error.code !== 'vault-pair') throw error; // another device was first
    });
    return openPair(area, (await this.told()).pair);
  }

  private told(): Promise<Told> {
    return this.api.get<Told>('/files/vault');
  }

  private async opened(): Promise<Area> {
    if (!this.area) await this.look(await this.told());
    if (!this.area) throw new Problem('vault-closed', '');
    return this.area;
  }

  /** Opens the vault where this device holds its key, closes it where that is over; true where it was let in just now. */
  private async look(told: Told): Promise<boolean> {
    if (!told.held) this.area = undefined;
    else if (!this.area || numberOf(this.area.id) !== told.key_id)
      this.area = await this.own(told).then(openedBy, () => undefined);
    const answer = told.asks.find(({ device }) => device === this.device)?.answer;
    if (!this.asking || !answer) return false;
    const { code, salt } = this.asking;
    this.asking = undefined;
    await this.hold(await openAnswer(fromHex(told.key_id), answer, code, salt, this.device));
    return true;
  }

  private async own(told: Told): Promise<AreaKey> {
    return unwrapOnDevice(fromHex(told.key_id), told.held, await this.keys.get());
  }

  private async make(key: AreaKey, secret: Bytes, anew?: { present: string; ends: string }): Promise<void> {
    const held = await wrapForDevice(key, await this.keys.get());
    const wrapped = await wrapForCode(key, secret);
    const wish = { key_id: numberOf(key.id), wrapped, held, verifier: await verifierOf(key) };
    if (anew === undefined) await this.api.post('/files/vault', wish);
    else await this.api.post('/files/vault/anew', { ...wish, ...anew });
    this.area = await openedBy(key);
    this.asking = undefined;
    this.names.clear();
    this.sync.ring();
  }

  private async rewrap(secret: Bytes): Promise<void> {
    const key = await this.own(await this.told());
    const wrapped = await wrapForCode(key, secret);
    const wish = { key_id: numberOf(key.id), wrapped, verifier: await verifierOf(key) };
    await this.api.send('PUT', '/files/vault/recovery', wish);
  }

  private async hold(key: AreaKey): Promise<void> {
    const wrapped = await wrapForDevice(key, await this.keys.get());
    const wish = { key_id: numberOf(key.id), wrapped, verifier: await verifierOf(key) };
    await this.api.send('PUT', '/files/vault/device', wish);
    this.area = await openedBy(key);
  }
}

function sealedOf(fields: Fields): string {
  if (typeof fields.sealed !== 'string') throw new Problem('sealed-file', '');
  return fields.sealed;
}

function askOf(device: string): string {
  return `/files/vault/asks/${encodeURIComponent(device)}`;
}

function numberOf(bytes: Bytes): string {
  return [...bytes].map((one) => one.toString(16).padStart(2, '0')).join('');
}

function fromHex(text: string): Bytes {
  return Uint8Array.from(text.match(/../gu) ?? [], (two) => Number.parseInt(two, 16));
}
