import { describe, expect, it } from 'vitest';
import type { SyncRecord } from '../../kit/src/sync/types.ts';
import { type Asked, Lost } from '../src/finding/lost.ts';
import { newPlaceKey, openPlace, sealPlace } from '../src/finding/place.ts';

const PHRASE = 'the heron by the 西湖 at dawn';
const PLACE = { lat: 30.2431, lon: 120.15, accuracy: 12.5, at_ms: 1700000000000 };
/** Made by the command line's program (src/pileus/sdk/place.py). */
const KEY = {
  public: 'BNGgfbT2MToVlyPuZmqjC5vQd5PPS1TuqPRvgmRjAumk9a1YESysRcKmCui/ARdNJLc09+YcbF0PCXBB2wCU/CQ=',
  wrapped:
    'pndXppGBbT7Hd2TqDW2QiaM/96qUBzhw1ZF9xw4qKDh4XDD/vzHpOe7u+9GCt8Bbr9lur4hvcotkP3M9LGtbmtazUBHXpcf2YcGMByJlu73nVurLA5KNE9MCnRFJCKStcVG8MWSca8w8MLHJ3Ro5/CUygZBap38oSfW12VSmYXrxjWpvebEzrhnEcCAD+mGJJDpr+GsrZuuFFrj7HFY2gKCAZWx3KQ==',
  salt: 'iip5JgEyIpqtKqA2VX4FBg==',
  rounds: 600000,
};
const SEALED =
  'BCeQve4uay8KrmY59PrlBzG/mDtV6qmSgXtoBv77UoIA+xDV/HXKSoLb3T86aYItQg5ea+/VO75BcMP0YdzF4IYDtt67FAvO9Nn2q+z/H/EEe+PC1DSgjPe7uh11jzlNCxAkgEO/+/U/XbjjIESSHA1lQtW49MI/yFFcXbt1saSJOOMCq9wkImCLC/PsJZ7oH2v5uzM9JHsWrA==';

describe('a sealed place', () => {
  it('that another program sealed is opened by the passphrase', async () => {
    expect(await openPlace(SEALED, KEY, PHRASE)).toEqual(PLACE);
  });

  it('is opened by nothing else', async () => {
    await expect(openPlace(SEALED, KEY, 'another one')).rejects.toMatchObject({ code: 'wrong-passphrase' });
    const other = await newPlaceKey(PHRASE, 1000);
    await expect(openPlace(SEALED, other, PHRASE)).rejects.toMatchObject({ code: 'wrong-passphrase' });
    const cut = btoa(atob(SEALED).slice(0, -1));
    await expect(openPlace(cut, KEY, PHRASE)).rejects.toMatchObject({ code: 'wrong-passphrase' });
  });

  it('is another one each time', async () => {
    const key = await newPlaceKey(PHRASE, 1000);
    const [one, two] = [await sealPlace(PLACE, key.public), await sealPlace(PLACE, key.public)];
    expect(one).not.toBe(two);
    for (const sealed of [one, two]) expect(await openPlace(sealed, key, PHRASE)).toEqual(PLACE);
  });
});

function device(kept: Record<string, string> = {}) {
  let asked: Asked = {};
  let heard: (() => void) | undefined;
  const sent: string[] = [];
  const keeper = {
    getItem: (name: string) => kept[name] ?? null,
    setItem: (name: string, value: string) => void Object.assign(kept, { [name]: value }),
    removeItem: (name: string) => void delete kept[name],
  };
  const lost = new Lost(
    {
      post: async (path: string) => void sent.push(path) as never,
      send: async (_method: string, path: string) => void sent.push(path) as never,
    },
    {
      get: async () => ({ fields: asked }) as unknown as SyncRecord,
      subscribe: (_collection, listener) => {
        heard = () => listener([]);
        return () => undefined;
      },
      ring: () => void sent.push('sync'),
    },
    { device: 'd' },
    keeper,
    () => 1_000_000,
  );
  const ask = async (more: Asked) => {
    asked = { ...asked, ...more };
    heard?.();
    await new Promise((done) => setTimeout(done));
  };
  lost.start();
  return { lost, ask, sent, kept };
}

describe('a device that is looked for', () => {
  it('rings until somebody stops it, there or elsewhere', async () => {
    const { lost, ask, sent } = device();
    await ask({ ring_ms: 999_000, ring_by: 'tablet' });
    expect(lost.ringing.value).toBe('tablet');
    await lost.stopRinging();
    expect([lost.ringing.value, sent]).toEqual([undefined, ['/finding/ring-ended']]);
    await ask({ ring_ms: 1_000_000 });
    expect(lost.ringing.value).toBe('tablet');
    await ask({ ring_end_ms: 1_000_001 });
    expect(lost.ringing.value).toBeUndefined();
  });

  it('does not ring for what was asked long ago', async () => {
    const { lost, ask } = device();
    await ask({ ring_ms: 300_000, ring_by: 'tablet' });
    expect(lost.ringing.value).toBeUndefined();
  });

  it('stays locked when its page is loaded again, until the password was shown', () => {
    const { lost, kept, sent } = device();
    lost.lock();
    expect(device(kept).lost.locked.value).toBe(true);
    lost.unlock();
    expect([device(kept).lost.locked.value, sent]).toEqual([false, ['sync']]);
  });

  it('is no other device of the browser that was locked', () => {
    expect(device({ 'pileus.locked': 'another' }).lost.locked.value).toBe(false);
  });

  it('says no place where that was not allowed on it', async () => {
    const { ask, sent } = device();
    await ask({ locate_ms: 999_000 });
    expect(sent).toEqual([]);
  });
});
