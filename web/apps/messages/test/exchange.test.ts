import { BridgeError, type Phone } from '@pileus/sdk';
import { afterEach, expect, test, vi } from 'vitest';
import { Exchange } from '../src/exchange.ts';

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

function exchange(messages: object) {
  const host = { phone: { messages } as unknown as Phone, requestUpdate: () => undefined };
  return new Exchange(host as unknown as ConstructorParameters<typeof Exchange>[0]);
}

function shown(one: Exchange): string {
  return String(JSON.stringify(one.render()));
}

test('an export is saved under the name that its format has; meanwhile it is said, and not begun again', async () => {
  vi.useFakeTimers();
  const link = { href: '', download: '', click: vi.fn() };
  vi.stubGlobal('document', { createElement: () => link });
  let written: (file: Blob) => void = () => undefined;
  const asked = vi.fn(() => new Promise<Blob>((done) => (written = done)));
  const one = exchange({ export: asked });
  const work = one.give('calls');
  await one.give('messages');
  expect(shown(one)).toContain('messages.exporting');
  written(new Blob(['<calls/>']));
  await work;
  expect(asked.mock.calls).toEqual([['calls']]);
  expect(link.download).toBe('calls.xml');
  expect(link.click).toHaveBeenCalledOnce();
  expect(shown(one)).not.toContain('report');
});

test('what went wrong is said of what it was: only an import is to be tried with its file again', async () => {
  const gone = () => Promise.reject(new BridgeError('offline', ''));
  const one = exchange({ export: gone, import: gone });
  await one.give('messages');
  expect(shown(one)).not.toContain('messages.offline');
  expect(shown(one)).toContain('bad');
  await one.take(new File(['x'], 'sms.xml'));
  expect(shown(one)).toContain('messages.offline');
  expect(one.importing).toBe(false);
});

test('what goes wrong during an import does not hide how far it is', async () => {
  let cut: (error: Error) => void = () => undefined;
  const one = exchange({ import: () => new Promise((_, failed) => (cut = failed)) });
  const work = one.take(new File(['x'], 'sms.xml'));
  one.fail(new BridgeError('offline', ''));
  expect(one.importing).toBe(true);
  cut(new TypeError('of our own'));
  await expect(work).rejects.toThrow('of our own');
  expect(one.importing).toBe(false);
});
