/** Sending a file in one request: to an import, or into a folder that somebody shares. */

import { BridgeError, type Json } from '../../../../sdk/src/protocol.ts';
import type { Api } from '../../deps.ts';

/** Resolves to the cloud's answer. By XMLHttpRequest: fetch tells nothing of how much is sent. The cloud reads no faster than it keeps. */
export function sendFile<Report>(
  api: Api,
  path: string,
  file: Blob,
  onProgress: (sent: number, size: number) => void,
): Promise<Report> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', `${api.baseUrl}${path}`);
    request.setRequestHeader('Authorization', `Bearer ${api.token}`);
    request.setRequestHeader('Content-Type', 'application/octet-stream');
    request.responseType = 'json';
    request.upload.onprogress = (event) => onProgress(event.loaded, file.size);
    request.onerror = () => reject(new BridgeError('offline', 'The cloud cannot be reached.'));
    request.onload = () => {
      const answer = (request.response ?? {}) as {
        code?: string;
        detail?: string;
        report?: Json;
        line?: number;
      };
      if (request.status === 200 || request.status === 201) resolve(answer as unknown as Report);
      else
        reject(
          new BridgeError(answer.code ?? `http-${request.status}`, answer.detail ?? '', {
            report: answer.report ?? null,
            line: answer.line ?? null,
          }),
        );
    };
    request.send(file);
  });
}
