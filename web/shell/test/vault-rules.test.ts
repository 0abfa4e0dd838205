import { expect, it } from 'vitest';
import { insideOf, isMeant } from '../src/settings/vault-rules.ts';

it('what is lost are files and their bytes', () => {
  const one = (type: string, size: number) => ({ fields: { type, size, sealed: 'AAAA' } });
  const sealed = 'application/vnd.pileus.sealed';
  expect(
    insideOf([one('inode/directory', 0), one(sealed, 1024 + 16 + 5), one(sealed, 1024 + 16 + 7)]),
  ).toEqual({ files: 2, bytes: 12 });
  expect(insideOf([])).toEqual({ files: 0, bytes: 0 });
});

it('is meant by who typed the word, and by nobody else', () => {
  expect([' Delete', '删除 '].map((typed, at) => isMeant(typed, ['delete', '删除'][at]!))).toEqual([
    true,
    true,
  ]);
  expect(['', 'delet', 'yes'].map((typed) => isMeant(typed, 'delete'))).toEqual([false, false, false]);
});
