import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { setLocale } from '../../kit/src/i18n/index.ts';
import { NoticeStore } from '../src/notices/notices.ts';
import { type Reminder, Reminders } from '../src/notices/reminders.ts';

const NOW = new Date(2026, 10, 28, 9, 0).getTime();
const MINUTE = 60_000;
const tea: Reminder = { due_ms: NOW + 5 * MINUTE, event: 'a', start_ms: NOW + 20 * MINUTE, summary: 'Tea' };

function world(reminders: readonly Reminder[], told?: number) {
  const asked: string[] = [];
  const state = { told, offline: false, reminders };
  const api = {
    get: async <T>(path: string): Promise<T> => {
      asked.push(path);
      if (state.offline) throw new Error('offline');
      const [from, to] = ['from', 'to'].map((name) =>
        Number(new URLSearchParams(path.split('?')[1]).get(name)),
      );
      const due = state.reminders.filter((one) => one.due_ms >= from! && one.due_ms < to!);
      return { reminders: due } as T;
    },
  };
  const notices = new NoticeStore();
  const kept = { get: () => state.told, set: (ms: number) => (state.told = ms) };
  const dues: (number | null)[] = [];
  const made = new Reminders(api, notices, kept, (due) => dues.push(due));
  const titles = () => notices.value.map((one) => one.title);
  return { state, asked, notices, made, titles, dues };
}

beforeEach(() => {
  vi.useFakeTimers({ now: NOW });
  setLocale('en');
});
afterEach(() => void vi.useRealTimers());

describe('a reminder', () => {
  it('is told when it falls due, once', async () => {
    const { made, notices, titles } = world([tea]);
    made.soon();
    await vi.advanceTimersByTimeAsync(4 * MINUTE);
    expect(titles()).toEqual([]);
    await vi.advanceTimersByTimeAsync(MINUTE);
    expect(notices.value[0]).toMatchObject({ app: 'calendar', title: 'Tea', when: tea.due_ms });
    expect(notices.value[0]!.text).toContain('9:20');
    notices.clear('calendar', notices.value[0]!.key);
    made.soon();
    await vi.advanceTimersByTimeAsync(10 * MINUTE);
    expect(titles()).toEqual([]);
  });

  it('that fell due while no phone was on is told by one that was there before, not by a new one', async () => {
    const missed = { ...tea, due_ms: NOW - 10 * MINUTE };
    const before = world([missed], NOW - 60 * MINUTE);
    before.made.soon();
    await vi.advanceTimersByTimeAsync(MINUTE);
    expect(before.titles()).toEqual(['Tea']);
    const fresh = world([missed]);
    fresh.made.soon();
    await vi.advanceTimersByTimeAsync(MINUTE);
    expect(fresh.titles()).toEqual([]);
  });

  it('of an event that was moved or deleted is not told', async () => {
    const { state, made, titles } = world([tea]);
    made.soon();
    await vi.advanceTimersByTimeAsync(MINUTE);
    state.reminders = [];
    made.soon();
    await vi.advanceTimersByTimeAsync(20 * MINUTE);
    expect(titles()).toEqual([]);
  });

  it('is told without the cloud when it was known before', async () => {
    const { state, made, titles } = world([tea]);
    made.soon();
    await vi.advanceTimersByTimeAsync(MINUTE);
    state.offline = true;
    made.soon();
    await vi.advanceTimersByTimeAsync(5 * MINUTE);
    expect(titles()).toEqual(['Tea']);
  });

  it('is told in the language of now', async () => {
    const { made, notices } = world([{ ...tea, summary: '' }]);
    made.soon();
    await vi.advanceTimersByTimeAsync(6 * MINUTE);
    setLocale('zh');
    made.retell();
    expect(notices.value[0]).toMatchObject({ title: '无标题日程', text: '09:20 开始' });
  });

  it('is not told by a phone that is left', async () => {
    const { made, titles } = world([tea]);
    made.soon();
    await vi.advanceTimersByTimeAsync(MINUTE);
    made.stop();
    await vi.advanceTimersByTimeAsync(20 * MINUTE);
    expect(titles()).toEqual([]);
  });

  it('wakes the device when the next one falls due, and after a sleep is told by the clock', async () => {
    const { made, state, titles, dues } = world([
      { ...tea, due_ms: NOW + 50 * MINUTE, summary: 'Talk' },
      tea,
    ]);
    made.soon();
    await vi.advanceTimersByTimeAsync(MINUTE);
    expect(dues).toEqual([tea.due_ms]);
    state.offline = true;
    vi.setSystemTime(NOW + 6 * MINUTE); // no timer went on meanwhile
    expect(titles()).toEqual([]);
    made.woke();
    expect(titles()).toEqual(['Tea']);
    expect(dues.at(-1)).toBe(NOW + 50 * MINUTE);
    made.stop();
    expect(dues.at(-1)).toBeNull();
  });
});
