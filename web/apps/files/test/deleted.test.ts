import { nothing } from 'lit';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Deleted } from '../src/deleted.ts';
import { entryOf } from '../src/entry.ts';

const lake = entryOf({ id: 'lake', fields: { name: 'lake.jpg', parent: '', type: 'image/jpeg' } } as never);
const host = {
  addController: () => undefined,
  removeController: () => undefined,
  requestUpdate: vi.fn(),
  updateComplete: Promise.resolve(true),
};

describe('what was deleted', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());
  const offered = (deleted: Deleted) => deleted.card() !== nothing;

  it('is offered for a while', () => {
    const deleted = new Deleted(host, async () => undefined);
    expect(offered(deleted)).toBe(false);
    deleted.tell(lake);
    vi.advanceTimersByTime(7000);
    deleted.tell(lake);
    vi.advanceTimersByTime(7000);
    expect(offered(deleted)).toBe(true);
    vi.advanceTimersByTime(1001);
    expect(offered(deleted)).toBe(false);
  });

  it('is offered no more once it is there again, or its list is left', () => {
    const deleted = new Deleted(host, async () => undefined);
    deleted.tell(lake);
    deleted.meet([lake]); // a list that was asked for before
    expect(offered(deleted)).toBe(true);
    deleted.meet([]);
    expect(offered(deleted)).toBe(true);
    deleted.meet([lake]);
    expect(offered(deleted)).toBe(false);
    deleted.tell(lake);
    deleted.hostDisconnected();
    expect(offered(deleted)).toBe(false);
  });
});
