import { describe, expect, it } from 'vitest';
import type { Fields } from '../../kit/src/sync/types.ts';
import { arrange, move, PHONE, type Place, parsePlace, placesOf, TABLET } from '../src/home/layout.ts';

const none = new Map<string, Place>();

describe('the home screen', () => {
  it('puts what it knows into the dock and the rest into the first free cells', () => {
    const layout = arrange(['settings', 'notes', 'messages', 'demo'], none, PHONE);
    expect(layout.dock).toEqual(['messages', 'notes']);
    expect(layout.pages[0]?.slice(0, 3)).toEqual(['settings', 'demo', undefined]);
  });

  it('gives every app one place, however many there are, and on every grid', () => {
    const apps = Array.from({ length: 60 }, (_, index) => `app${index}`);
    for (const grid of [PHONE, TABLET]) {
      const layout = arrange(apps, new Map([['app7', { area: 'home', page: 1, cell: 3 }]]), grid);
      expect([...placesOf(layout).keys()].sort()).toEqual([...apps].sort());
      expect(layout.pages[1]?.[3]).toBe('app7');
    }
  });

  it('keeps the others where they were when one moves', () => {
    const layout = arrange(['a', 'b', 'c'], none, PHONE);
    const after = arrange(
      ['a', 'b', 'c'],
      move(layout, 'a', { area: 'home', page: 0, cell: 9 }, PHONE),
      PHONE,
    );
    expect(after.pages[0]?.slice(0, 3)).toEqual([undefined, 'b', 'c']);
    expect(after.pages[0]?.[9]).toBe('a');
  });

  it('changes places with who was there', () => {
    const layout = arrange(['a', 'b'], none, PHONE);
    const after = arrange(['a', 'b'], move(layout, 'a', { area: 'home', page: 0, cell: 1 }, PHONE), PHONE);
    expect(after.pages[0]?.slice(0, 2)).toEqual(['b', 'a']);
  });

  it('does not take a fifth app into the dock of a phone', () => {
    const apps = ['phone', 'messages', 'notes', 'files', 'a'];
    const layout = arrange(apps, none, PHONE);
    expect(arrange(apps, move(layout, 'a', { area: 'dock', page: 0, cell: 0 }, PHONE), PHONE)).toEqual(
      layout,
    );
  });

  it('does not believe malformed records', () => {
    for (const fields of <Fields[]>[
      {},
      { area: 'moon', cell: 1 },
      { area: 'home', cell: -1 },
      { area: 'home', cell: 1.5 },
    ])
      expect(parsePlace({ fields })).toBeUndefined();
    expect(parsePlace({ fields: { area: 'home', cell: 2, page: 1e9 } })).toEqual({
      area: 'home',
      page: 0,
      cell: 2,
    });
  });
});
