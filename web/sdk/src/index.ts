/** What an app needs to live on the phone: `const phone = await connect();` See docs/design/apps.md. */

import { Phone } from './phone.ts';
import { Port } from './port.ts';
import { type Hello, VERSION } from './protocol.ts';

export { Phone, type PhoneText, type Transfer } from './phone.ts';
export { Port } from './port.ts';
export * from './protocol.ts';

let connected: Promise<Phone> | undefined;

/** The phone that holds this app. Does not resolve where none does (a page opened by itself). */
export function connect(): Promise<Phone> {
  connected ??= new Promise((resolve) => {
    const hear = (event: MessageEvent) => {
      // Who may hold this page is said by its CSP (frame-ancestors); here: nobody but the holder speaks.
      if (event.source !== window.parent || !isHello(event.data) || !event.ports[0]) return;
      window.removeEventListener('message', hear);
      const phone = new Phone(new Port(event.ports[0]), event.data);
      phone.lendKeys(window);
      resolve(phone);
    };
    window.addEventListener('message', hear);
    tell('ready');
  });
  return connected;
}

/** Keeps the app's files on this device, so that it opens without a network; `/sw.js` is made by the build. */
export async function keepOffline(): Promise<void> {
  if (!('serviceWorker' in navigator)) return;
  await navigator.serviceWorker.register('/sw.js');
  await navigator.serviceWorker.ready;
  tell('kept');
}

function tell(word: 'ready' | 'kept'): void {
  // Says nothing secret, to whoever holds the page.
  if (window.parent !== window) window.parent.postMessage({ pileus: word, version: VERSION }, '*');
}

function isHello(data: unknown): data is Hello {
  const hello = data as Partial<Hello> | null;
  return typeof data === 'object' && hello?.pileus === 'hello' && hello.version === VERSION;
}
