/** What the service worker tells the page: notices that came, and those that were pressed. */

import type { Sync } from '../../../kit/src/sync/types.ts';
import type { Intent, Notice, Notices } from '../deps.ts';
import { isTold } from '../notices/told.ts';
import { isAsk } from '../notices/vault-asks.ts';

/** From the service worker, which nobody else can speak for. */
interface Heard {
  pileus?: unknown;
  app?: unknown;
  intent?: Intent;
  notice?: Notice;
}

interface Listener {
  sync: Pick<Sync, 'ring'>;
  notices: Pick<Notices, 'post'>;
  open(app: string, intent?: Intent): void;
}

/** A notification that was pressed leads to its app; what came while the phone is looked at is in the shade. */
export function hearWorker(phone: Listener): () => void {
  const worker = serviceWorker();
  const hear = ({ data }: MessageEvent<Heard | null>) => {
    if (data?.pileus === 'notice' && data.notice) {
      if (isAsk(data.notice) || isTold(data.notice)) phone.sync.ring();
      else phone.notices.post(data.notice);
    }
    if (data?.pileus !== 'open' || typeof data.app !== 'string') return;
    phone.open(data.app, data.intent);
    worker?.controller?.postMessage({ pileus: 'shown' });
  };
  worker?.addEventListener('message', hear);
  return () => worker?.removeEventListener('message', hear);
}

/** A pressed notification may have opened this page; its worker keeps what is to be shown until now. */
export function tellReady(): void {
  serviceWorker()?.controller?.postMessage({ pileus: 'ready' });
}

/** None where the page is not served over TLS. */
function serviceWorker(): ServiceWorkerContainer | undefined {
  return navigator.serviceWorker as ServiceWorkerContainer | undefined;
}
