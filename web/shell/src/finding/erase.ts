/** What a device does that its owner has wiped from elsewhere. */

import { HttpApi } from '../session/api.ts';
import { Problem } from '../session/problem.ts';

/** Whether the cloud says of this token that its device is to be erased; undefined where it does not answer. */
export async function isWiped(baseUrl: string, token: string): Promise<boolean | undefined> {
  try {
    await new HttpApi(baseUrl, token).get('/account');
    return false;
  } catch (error) {
    if (!(error instanceof Problem)) return undefined;
    return error.code === 'device-wiped' || (error.status === 401 ? false : undefined);
  }
}

/** All that this origin has kept in the browser; the page is to be loaded anew then, which lets the databases go. */
export async function eraseAll(): Promise<void> {
  localStorage.clear();
  sessionStorage.clear();
  for (const { name } of await indexedDB.databases()) if (name) indexedDB.deleteDatabase(name);
  for (const name of await caches.keys()) await caches.delete(name);
  for (const one of (await navigator.serviceWorker?.getRegistrations()) ?? []) await one.unregister();
}
