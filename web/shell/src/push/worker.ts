/** The service worker's part: shows what came by push, and leads to the phone. Loaded by `sw.js`. */

import { setLocale } from '../../../kit/src/i18n/index.ts';
import { noticeOf, toldOf } from './words.ts';

interface Tab {
  visibilityState: string;
  focus(): Promise<unknown>;
  postMessage(message: unknown): void;
}

/** What of a service worker is used: the page's types have none. */
interface Scope {
  registration: ServiceWorkerRegistration;
  clients: {
    matchAll(which: { type: 'window'; includeUncontrolled: boolean }): Promise<readonly Tab[]>;
    openWindow(url: string): Promise<unknown>;
  };
  addEventListener(name: string, listener: (event: PushLike) => void): void;
}

interface PushLike {
  data: ({ text(): string } & { pileus?: unknown }) | null;
  notification: { close(): void; data: unknown };
  /** Who sent a message. */
  source: Pick<Tab, 'postMessage'> | null;
  waitUntil(work: Promise<unknown>): void;
}

/** What a phone that is looked at shows itself, as it came by push. */
const IN_THE_SHADE = new Set(['message', 'invitation', 'vault-ask', 'given', 'vault-anew']);
const scope = self as unknown as Scope;
/** For so long a press of a notification leads a page that is being opened. */
const WANTED_MS = 60_000;
/** What was pressed, until a page says that it shows it: one that is being opened does not hear yet, and asks when
 * it is ready. */
let wanted: { wish: object; until: number } | undefined;

async function tabs(): Promise<readonly Tab[]> {
  return scope.clients.matchAll({ type: 'window', includeUncontrolled: true });
}

async function show(text: string): Promise<void> {
  const told = toldOf(text);
  if (!told) return;
  setLocale(told.language);
  const notice = noticeOf(told, Date.now());
  const seen = (await tabs()).find((tab) => tab.visibilityState === 'visible');
  if (seen && told.kind === 'call-over') return hide(told.tag);
  if (seen && IN_THE_SHADE.has(told.kind)) return seen.postMessage({ pileus: 'notice', notice });
  // A phone that is looked at rings and tells of its reminders itself.
  if (seen && told.kind !== 'try') return;
  await scope.registration.showNotification(notice.title, {
    body: notice.text,
    tag: notice.key,
    icon: '/icon-192.png',
    requireInteraction: told.kind === 'call',
    // In the place of what rang. Browsers let no push be without a notification.
    silent: told.kind === 'call-over',
    data: { app: notice.app, intent: notice.intent },
  });
}

/** What was shown of a call that another device took, where its owner sees that. */
async function hide(tag: string): Promise<void> {
  for (const one of await scope.registration.getNotifications({ tag })) one.close();
}

async function lead(data: unknown): Promise<void> {
  const open = await tabs();
  const tab = open.find((one) => one.visibilityState === 'visible') ?? open[0];
  const { app, intent } = (data ?? {}) as { app?: unknown; intent?: unknown };
  const wish = { pileus: 'open', app, intent };
  wanted = { wish, until: Date.now() + WANTED_MS };
  if (!tab) return void (await scope.clients.openWindow('/'));
  tab.postMessage(wish);
  await tab.focus();
}

scope.addEventListener('push', (event) => event.waitUntil(show(event.data?.text() ?? '')));
scope.addEventListener('message', ({ data, source }) => {
  if (data?.pileus === 'ready' && wanted && wanted.until > Date.now()) source?.postMessage(wanted.wish);
  if (data?.pileus === 'ready' || data?.pileus === 'shown') wanted = undefined;
});
scope.addEventListener('notificationclick', (event) => {
  event.notification.close();
  event.waitUntil(lead(event.notification.data));
});
