import { afterEach, beforeEach, expect, it, vi } from 'vitest';

type Listener = (event: Record<string, unknown>) => void;

/** A service worker's scope, with the tabs that are open and what each was told. */
function worker() {
  const listeners = new Map<string, Listener>();
  const told: unknown[] = [];
  const tab = {
    visibilityState: 'visible',
    focus: async () => undefined,
    postMessage: (one: unknown) => told.push(one),
  };
  const open: unknown[] = [];
  const opened: string[] = [];
  /** Notifications by their tag. */
  const shown = new Map<string, object>();
  const scope = {
    registration: {
      showNotification: async (_title: string, options: { tag: string }) =>
        void shown.set(options.tag, options),
      getNotifications: async ({ tag }: { tag: string }) =>
        shown.has(tag) ? [{ close: () => shown.delete(tag) }] : [],
    },
    clients: { matchAll: async () => open, openWindow: async (url: string) => opened.push(url) },
    addEventListener: (name: string, listener: Listener) => listeners.set(name, listener),
  };
  const press = async () => {
    const work: Promise<unknown>[] = [];
    const notification = { close: () => undefined, data: { app: 'calendar', intent: { view: 'event' } } };
    listeners.get('notificationclick')!({
      notification,
      waitUntil: (one: Promise<unknown>) => work.push(one),
    });
    await Promise.all(work);
  };
  const push = async (told: object) => {
    const work: Promise<unknown>[] = [];
    const data = { text: () => JSON.stringify(told) };
    listeners.get('push')!({ data, waitUntil: (one: Promise<unknown>) => work.push(one) });
    await Promise.all(work);
  };
  const say = (pileus: string) => listeners.get('message')!({ data: { pileus }, source: tab });
  return { scope, tab, open, opened, told, shown, press, push, say };
}

const WISH = { pileus: 'open', app: 'calendar', intent: { view: 'event' } };

beforeEach(() => void vi.resetModules());
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

async function started() {
  const one = worker();
  vi.stubGlobal('self', one.scope);
  await import('../src/push/worker.ts');
  return one;
}

it('a page that is opened by a press is told when it is ready, once', async () => {
  const one = await started();
  await one.press();
  expect([one.opened, one.told]).toEqual([['/'], []]);
  one.say('ready');
  one.say('ready');
  expect(one.told).toEqual([WISH]);
});

it('a page that was just being opened and heard nothing asks', async () => {
  const one = await started();
  one.open.push(one.tab);
  await one.press();
  expect(one.told).toEqual([WISH]);
  one.say('ready');
  expect(one.told).toEqual([WISH, WISH]);
});

it('a page that shows it is told no more', async () => {
  const one = await started();
  one.open.push(one.tab);
  await one.press();
  one.say('shown');
  one.say('ready');
  expect(one.told).toEqual([WISH]);
});

it('a press of long ago leads nowhere', async () => {
  vi.useFakeTimers();
  const one = await started();
  await one.press();
  vi.advanceTimersByTime(61_000);
  one.say('ready');
  expect(one.told).toEqual([]);
});

it('a call that another device took is said in the place of what rang, without a sound', async () => {
  const one = await started();
  const data = { call: 'c', from: '@anna', answered: true };
  const told = { tag: 'missed-@anna', language: 'en', data };
  await one.push({ ...told, kind: 'call' });
  expect(one.shown.get(told.tag)).toMatchObject({ body: 'Incoming call', silent: false });
  await one.push({ ...told, kind: 'call-over' });
  expect(one.shown.get(told.tag)).toMatchObject({
    body: 'Answered on another device',
    silent: true,
    requireInteraction: false,
  });
  one.open.push(one.tab);
  await one.push({ ...told, kind: 'call-over' });
  expect(one.shown.size).toBe(0);
});
