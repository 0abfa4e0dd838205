import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { askKeys, codeOf, newAskCode, newSecret, plain, secretOf } from '../src/vault/codes.ts';
import {
  type Area,
  areaOf,
  fromBase64,
  type Named,
  newNamed,
  openContent,
  openNamed,
  plainSize,
  random,
  SEALED,
  sealContent,
  sealNamed,
  toBase64,
} from '../src/vault/format.ts';
import { verifierOf } from '../src/vault/keys.ts';

/** Read by tests/sdk/test_vault.py, too. */
const GOLDEN = JSON.parse(
  readFileSync(new URL('../../../contracts/vault/v1.json', import.meta.url), 'utf8'),
) as {
  area: { id: string; key: string };
  verifier: string;
  secret: string;
  code: string;
  names: { file: string; name: string; type: string; key: string; sealed: string }[];
  contents: { name: number; plain: number; sha256: string; sealed: string }[];
};
const SEGMENT = 65_536;

const golden = () => areaOf(fromBase64(GOLDEN.area.id), fromBase64(GOLDEN.area.key));
const fresh = () => areaOf(random(16), random(32));
const bytes = async (blob: Blob) => new Uint8Array(await blob.arrayBuffer());

async function refused(area: Area, named: Named, data: Uint8Array<ArrayBuffer>): Promise<string> {
  const found = await openContent(area, named, new Blob([data])).catch((error: { code: string }) => error);
  return found instanceof Blob ? 'opened' : found.code;
}

describe('the golden vault', () => {
  it('has names that open', async () => {
    const area = await golden();
    for (const one of GOLDEN.names) {
      const { file, name, type, key } = await openNamed(area, one.sealed);
      expect([toBase64(file), name, type, toBase64(key)]).toEqual([one.file, one.name, one.type, one.key]);
    }
  });

  it('has a verifier that tells the cloud who knows its key', async () => {
    const key = { id: fromBase64(GOLDEN.area.id), raw: fromBase64(GOLDEN.area.key) };
    expect(await verifierOf(key)).toBe(GOLDEN.verifier);
  });

  it('has contents that open', async () => {
    const area = await golden();
    for (const one of GOLDEN.contents) {
      const named = await openNamed(area, GOLDEN.names[one.name]!.sealed);
      const sealed = new Blob([fromBase64(one.sealed)]);
      const plain = await openContent(area, named, sealed);
      const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', await plain.arrayBuffer()));
      expect([...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('')).toBe(one.sha256);
      expect([plain.size, plainSize(sealed.size), plain.type]).toEqual([
        one.plain,
        one.plain,
        GOLDEN.names[one.name]!.type,
      ]);
    }
  });

  it('has a code', async () => {
    expect(await codeOf(fromBase64(GOLDEN.secret))).toBe(GOLDEN.code);
    expect(toBase64(await secretOf(` ${GOLDEN.code.toLowerCase()} `))).toBe(GOLDEN.secret);
  });
});

describe('a sealed file', () => {
  it.each([0, 1, SEGMENT - 1, SEGMENT, SEGMENT + 1, 65 * SEGMENT])('of %i bytes comes back', async (size) => {
    const [area, named] = [await fresh(), newNamed('湖.bin', 'image/png')];
    const data = new Uint8Array(size).map((_, at) => (at * 31) % 251);
    const sealed = await sealContent(area, named, new Blob([data]));
    expect([sealed.type, plainSize(sealed.size)]).toEqual([SEALED, size]);
    const opened = await bytes(await openContent(area, named, sealed));
    expect(Buffer.compare(opened, data)).toBe(0);
  });

  it('opens with nothing changed, cut, moved or exchanged', async () => {
    const [area, named] = [await fresh(), newNamed('a', 'text/plain')];
    const whole = await bytes(await sealContent(area, named, new Blob([new Uint8Array(3 * SEGMENT)])));
    const step = SEGMENT + 16;
    for (const at of [0, 8, 12, 20, 40, 60, 80, 90, 1000, 1024, 1024 + step, whole.length - 1]) {
      const changed = whole.slice();
      changed[at]! ^= 1;
      expect(await refused(area, named, changed), `byte ${at}`).toMatch(/^vault-(damaged|other-key)$/);
    }
    const swapped = whole.slice();
    swapped.copyWithin(1024, 1024 + step, 1024 + 2 * step);
    const longer = new Uint8Array(whole.length + 1);
    longer.set(whole);
    for (const wrong of [
      whole.slice(0, 1024),
      whole.slice(0, 1024 + step),
      whole.slice(0, -1),
      swapped,
      longer,
    ])
      expect(await refused(area, named, wrong)).toBe('vault-damaged');
    const other = newNamed('b', 'text/plain');
    expect(await refused(area, other, whole)).toBe('vault-damaged');
    expect(await refused(area, { ...named, key: other.key }, whole)).toBe('vault-damaged');
    expect(await refused(await fresh(), named, whole)).toBe('vault-other-key');
  });

  it('has a name that is bound to it', async () => {
    const area = await fresh();
    const [one, two] = [newNamed('one', 'text/plain'), newNamed('two', 'inode/directory', true)];
    const [first, second] = [fromBase64(await sealNamed(area, one)), fromBase64(await sealNamed(area, two))];
    expect(await openNamed(area, toBase64(first))).toEqual(one);
    expect(await openNamed(area, toBase64(second))).toEqual(two);
    first.set(second.slice(0, 32));
    await expect(openNamed(area, toBase64(first))).rejects.toMatchObject({ code: 'vault-damaged' });
    const long = newNamed('n'.repeat(900), 'text/plain');
    await expect(sealNamed(area, long)).rejects.toMatchObject({ code: 'vault-name' });
  });
});

describe('codes', () => {
  it('tell a slip', async () => {
    const code = await codeOf(newSecret());
    expect(code).toMatch(/^([0-9A-HJKMNP-TV-Z]{4}-){6}[0-9A-HJKMNP-TV-Z]{4}$/);
    for (const slip of ['', code.slice(1), `${code}0`, 'U'.repeat(28)])
      await expect(secretOf(slip)).rejects.toMatchObject({ code: 'vault-code' });
  });

  it('of a device that asks are read as they are typed', async () => {
    const [code, salt] = [newAskCode(), random(32)];
    const keys = await askKeys(code, salt);
    expect(await askKeys(` ${code.toLowerCase().replaceAll('-', '')}`, salt)).toEqual(keys);
    expect((await askKeys(newAskCode(), salt)).check).not.toEqual(keys.check);
    expect(plain('o1-Il–0')).toBe('01110');
  });
});
