import { afterEach, expect, test, vi } from 'vitest';
import { MessageThread } from '../src/thread.ts';

afterEach(() => vi.unstubAllGlobals());

test('a message is given up by the outbox only once the line has all of it', async () => {
  vi.stubGlobal('ResizeObserver', class {});
  for (const here of [true, false]) {
    const tookBack = vi.fn(async () => undefined);
    const takeBack = async () => ({ body: 'Hi', files: [] });
    const made = new MessageThread();
    Object.defineProperty(made, 'compose', { value: { bringBack: async () => here } });
    Object.assign(made, { phone: { messages: { takeBack, tookBack } }, load: () => undefined });
    await (made as unknown as { takeBack(id: string): Promise<void> }).takeBack('m1');
    expect(tookBack).toHaveBeenCalledTimes(here ? 1 : 0);
  }
});
