import { describe, expect, it } from 'vitest';
import type { Api } from '../src/deps.ts';
import { Pictures } from '../src/windows/pictures.ts';

const session = (app: string, state: string) => ({ session: `s-${app}`, app, state });

/** Answers with the session's name, but for those that are not there. */
function world(missing: readonly string[] = []) {
  const asked: string[] = [];
  const api = {
    send: async (_method: string, path: string) => {
      asked.push(path);
      const name = path.split('/')[2] as string;
      if (missing.includes(name)) throw new Error('404');
      return new Response(name);
    },
  } as unknown as Api;
  return { pictures: new Pictures(api), asked };
}

const text = async (url: string | undefined) => (await fetch(url as string)).text();

describe('pictures', () => {
  it('are of frozen apps alone', async () => {
    const { pictures, asked } = world();
    await pictures.read([session('a', 'paused'), session('b', 'running')]);
    expect(asked).toEqual(['/sessions/s-a/picture']);
    expect([...pictures.value.keys()]).toEqual(['a']);
    expect(await text(pictures.value.get('a'))).toBe('s-a');
  });

  it('may be missing', async () => {
    const { pictures } = world(['s-a']);
    await pictures.read([session('a', 'paused'), session('b', 'paused')]);
    expect([...pictures.value.keys()]).toEqual(['b']);
  });

  it('are let go when their apps run again', async () => {
    const { pictures } = world();
    await pictures.read([session('a', 'paused')]);
    const url = pictures.value.get('a');
    await pictures.read([]);
    expect(pictures.value.size).toBe(0);
    await expect(text(url)).rejects.toThrow();
  });
});
