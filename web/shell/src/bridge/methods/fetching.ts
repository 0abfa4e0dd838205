/** Fetching a file that the cloud writes while it is read. */

import { BridgeError } from '../../../../sdk/src/protocol.ts';
import type { Api } from '../../deps.ts';

/** Rejects with `offline` for one that breaks off, too: a part of it is no file. */
export async function fetchFile(api: Api, path: string): Promise<Blob> {
  const answer = await api.send('GET', path);
  return answer.blob().catch((): never => {
    throw new BridgeError('offline', 'The file broke off.');
  });
}
