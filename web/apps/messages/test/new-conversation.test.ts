import { AddressBook } from '@pileus/kit/people/contact.ts';
import { BridgeError } from '@pileus/sdk';
import { afterEach, expect, test, vi } from 'vitest';
import { NewConversation, type Several } from '../src/new-conversation.ts';
import { listed, type Suggestion } from '../src/person.ts';

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

interface Begun extends EventTarget {
  typed: string;
  picked: Map<string, string>;
  startGroup(typed: string, names: readonly string[]): Promise<void>;
  take(one: Suggestion): void;
  hint(): { words: string };
}

interface Looking {
  looked: { account: string; known: boolean } | undefined;
  type(event: { target: { value: string } }): void;
  look(account: string): Promise<boolean>;
}

/** One that is in a page, as far as it looks. */
function fresh<T>(more: object): T {
  const form = new NewConversation();
  for (const [name, value] of Object.entries({ renderRoot: { querySelector: () => null }, ...more }))
    Object.defineProperty(form, name, { value, writable: true, configurable: true });
  return form as unknown as T;
}

test('of several who are called the same it is asked which, one by one', async () => {
  const thread = (address: string, contact: string) => ({ id: address, address, contact, people: [address] });
  const [first, other] = [thread('+4930111111', 'Anna'), thread('+4930222222', 'Anna')];
  const threads = [first, other, thread('+4930333333', 'Ben')];
  const form = fresh<Begun>({ threads, book: new AddressBook([]), isConnected: true });
  let chosen: string[] = [];
  form.addEventListener('several', (event) => {
    chosen = (event as CustomEvent<Several>).detail.people;
  });
  const write = async (typed: string) => {
    form.typed = typed;
    await form.startGroup(typed, listed(typed).people);
    return form.hint().words;
  };
  const choose = ({ address }: { address: string }) =>
    form.take({ id: '', name: 'Anna', address, photo: '' });
  expect(await write('Anna, Ben')).toBe('messages.to-which');
  choose(other);
  expect([form.typed, form.hint().words]).toEqual(['Anna, Ben', 'messages.to-hint']);
  await write(form.typed);
  expect(chosen).toEqual(['+4930222222', '+4930333333']);

  form.picked.clear();
  await write('Anna, Anna');
  choose(first);
  expect(form.typed).toBe('+4930111111, Anna');
  expect(await write(form.typed)).toBe('messages.to-which');
  choose(other);
  await write(form.typed);
  expect(chosen).toEqual(['+4930111111', '+4930222222']);

  expect(await write('Nora, Ben')).toBe('messages.to-strange');
});

test('an account that is not there is asked for again, one that is there once', async () => {
  vi.useFakeTimers();
  vi.stubGlobal('window', globalThis);
  const account = vi.fn().mockRejectedValue(new BridgeError('no-account', ''));
  const form = fresh<Looking>({ phone: { messages: { account } } });
  const type = async () => {
    form.type({ target: { value: '@bob' } });
    await vi.advanceTimersByTimeAsync(600);
    return form.looked;
  };
  const bob = (known: boolean) => ({ account: 'bob', known });
  expect(await type()).toEqual(bob(false));
  account.mockResolvedValue({});
  expect(await type()).toEqual(bob(true));
  await type();
  expect([account.mock.calls.length, await form.look('bob')]).toEqual([2, true]);
  form.looked = bob(false);
  account.mockRejectedValue(new BridgeError('offline', ''));
  expect([await form.look('bob'), form.looked]).toEqual([true, undefined]); // nobody knows now
});
