import { expect, it, vi } from 'vitest';
import { watchBook } from '../src/people/book.ts';
import type { AddressBook, Speak } from '../src/people/contact.ts';

const person = (id: string, fn: string, tel: string) => ({
  id,
  fields: { fn: [{ value: fn }], tel: [{ value: tel }] },
});

it('tells the book now and at each change, and how Chinese is spoken once a name is', async () => {
  let found = [person('1', 'Anna', '13800138000')];
  let changed: () => void = () => undefined;
  const records = {
    query: async (collection: string) => (collection === 'contacts.contact' ? found : []),
    subscribe: (_collection: string, listener: () => void) => {
      changed = listener;
      return () => (changed = () => undefined);
    },
  };
  const told: [AddressBook, Speak | undefined][] = [];
  const off = watchBook(records, (book, speak) => told.push([book, speak]));
  await vi.waitFor(() => expect(told).toHaveLength(1));
  expect(told[0]![0].of('+86 138 0013 8000')?.name).toBe('Anna');
  expect(told[0]![1]).toBeUndefined();

  found = [...found, person('2', '王小明', '13900139000')];
  changed();
  await vi.waitFor(() => expect(told).toHaveLength(2), 20_000);
  expect(told[1]![0].of('13900139000')?.words).toContain('wangxiaoming');
  expect(told[1]![1]?.('王')).toEqual(['wang']);

  let asked: () => void = () => undefined;
  const late = new Promise<void>((done) => {
    asked = done;
  });
  records.query = async () => {
    await late;
    return [];
  };
  changed();
  off();
  asked();
  await late;
  await Promise.resolve();
  expect(told).toHaveLength(2);
});
