/** This browser's subscription to push, and the cloud's knowledge of it. */

import type { Api } from '../deps.ts';
import { Problem } from '../session/problem.ts';

/** `unsupported`: no service worker or push here; `denied`: its owner told the browser to show none. */
export type PushState = 'on' | 'off' | 'denied' | 'unsupported';

export async function pushState(api: Api): Promise<PushState> {
  if (!canPush()) return 'unsupported';
  if (Notification.permission === 'denied') return 'denied';
  const [own, told] = await Promise.all([
    (await registration()).pushManager.getSubscription(),
    api.get<{ subscribed: boolean }>('/push/subscription'),
  ]);
  return own && told.subscribed ? 'on' : 'off';
}

/** Asks whoever holds the device, the browser's push service and the cloud. Rejects with a `Problem`. */
export async function turnOn(api: Api, language: string): Promise<void> {
  if ((await Notification.requestPermission()) !== 'granted') throw new Problem('push-denied', '');
  await subscribe(api, language);
}

export async function turnOff(api: Api): Promise<void> {
  await api.delete('/push/subscription');
  await forgetPush();
}

/** At the phone's start: what was subscribed for a key that the cloud no longer has, or in another zone, is told
 * anew, and what was shown while the page was closed is left to the phone. */
export async function refresh(api: Api, language: string): Promise<void> {
  if (!canPush() || Notification.permission !== 'granted') return;
  const there = await navigator.serviceWorker.getRegistration();
  if (!(await there?.pushManager.getSubscription())) return;
  await subscribe(api, language);
  for (const shown of await there!.getNotifications()) shown.close();
}

/** Takes away what the browser shows under a tag; never rejects. */
export async function unshow(tag: string): Promise<void> {
  const there = await navigator.serviceWorker?.getRegistration().catch(() => undefined);
  for (const shown of (await there?.getNotifications?.({ tag }).catch(() => [])) ?? []) shown.close();
}

/** The browser's own part: nothing that still comes is shown here. */
export async function forgetPush(): Promise<void> {
  if (!canPush()) return;
  const there = await navigator.serviceWorker.getRegistration();
  await (await there?.pushManager.getSubscription())?.unsubscribe();
}

async function subscribe(api: Api, language: string): Promise<void> {
  const { key } = await api.get<{ key: string }>('/push/key');
  const { pushManager } = await registration();
  let own = await pushManager.getSubscription();
  if (own && keyOf(own) !== key) {
    await own.unsubscribe();
    own = null;
  }
  own ??= await pushManager
    .subscribe({ userVisibleOnly: true, applicationServerKey: key })
    .catch((): never => {
      throw new Problem('push-service', '');
    });
  const { endpoint, keys } = own.toJSON();
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  await api.send('PUT', '/push/subscription', { endpoint, keys, zone, language });
}

function canPush(): boolean {
  return 'serviceWorker' in navigator && 'PushManager' in globalThis && 'Notification' in globalThis;
}

async function registration(): Promise<ServiceWorkerRegistration> {
  const found = await navigator.serviceWorker.getRegistration();
  if (!found) throw new Problem('push-worker', '');
  return found;
}

/** The key that it was made for, in base64url. */
function keyOf(own: PushSubscription): string {
  const bytes = new Uint8Array(own.options.applicationServerKey ?? new ArrayBuffer(0));
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '');
}
