import type { SyncRecord } from '../../../../kit/src/sync/types.ts';
import {
  BridgeError,
  type Found,
  type ImportReport,
  type Json,
  type Thread,
} from '../../../../sdk/src/protocol.ts';
import type { Api } from '../../deps.ts';
import { blob, handle, text } from '../shapes.ts';
import type { Method } from './index.ts';

const COLLECTION = 'messages.message';
const LOCAL_PAGE = 100;
const allowed: Method['allowed'] = (may) => may.has('messages');

export const messagesMethods: Record<string, Method> = {
  'messages.threads': {
    allowed,
    run: async ({ deps }) => threadsOf(await deps.sync.query(COLLECTION)),
  },
  'messages.thread': {
    allowed,
    run: async ({ deps }, params) => {
      const id = text(params, 'id');
      const records = await deps.sync.query(COLLECTION, (record) => record.fields.thread === id);
      return records.sort(byDate).slice(-Math.max(1, handle(params, 'limit')));
    },
  },
  'messages.search': {
    allowed,
    run: async ({ deps }, params) => {
      const query = text(params, 'query', 200);
      try {
        const found = await deps.api.get<{ messages: Found[]; more: boolean }>(
          `/messages/search?q=${encodeURIComponent(query)}`,
        );
        return { ...found, local: false };
      } catch (error) {
        if ((error as { code?: string }).code !== 'offline') throw error;
        const records = await deps.sync.query(COLLECTION, (record) => matches(record, query));
        const messages = records.sort(byDate).reverse().slice(0, LOCAL_PAGE).map(toFound);
        return { messages, more: records.length > LOCAL_PAGE, local: true };
      }
    },
  },
  'messages.import': {
    allowed,
    run: (turn, params) => {
      const id = handle(params, 'import');
      return sendFile(turn.deps.api, blob(params, 'file'), (sent, size) =>
        turn.emit('import', { import: id, sent, size }),
      );
    },
  },
};

/** Threads by their address, the one with the newest message first. */
export function threadsOf(records: readonly SyncRecord[]): Thread[] {
  const threads = new Map<string, Thread>();
  for (const { fields } of records) {
    const id = String(fields.thread ?? fields.address ?? '');
    const date = Number(fields.date_ms ?? 0);
    const thread = threads.get(id) ?? {
      id,
      address: String(fields.address ?? ''),
      contact: '',
      lastMs: -1,
      lastBody: '',
      lastOut: false,
      count: 0,
      unread: 0,
    };
    threads.set(id, thread);
    thread.count += 1;
    if (fields.read === false && fields.direction === 'in') thread.unread += 1;
    if (!thread.contact && fields.contact) thread.contact = String(fields.contact);
    if (date <= thread.lastMs) continue;
    thread.lastMs = date;
    thread.lastBody = String(fields.body ?? '').slice(0, 200);
    thread.lastOut = fields.direction === 'out';
    if (fields.contact) thread.contact = String(fields.contact);
  }
  return [...threads.values()].sort((one, other) => other.lastMs - one.lastMs);
}

/** Every word of the query is somewhere in the message. */
export function matches(record: Pick<SyncRecord, 'fields'>, query: string): boolean {
  const fold = (value: unknown) =>
    String(value ?? '')
      .normalize('NFKC')
      .toLowerCase();
  const words = fold(query).split(/\s+/).filter(Boolean);
  const place = ['body', 'contact', 'address', 'thread'].map((name) => fold(record.fields[name])).join('\n');
  return words.length > 0 && words.every((word) => place.includes(word));
}

function byDate(one: SyncRecord, other: SyncRecord): number {
  return Number(one.fields.date_ms) - Number(other.fields.date_ms) || (one.id < other.id ? -1 : 1);
}

function toFound({ id, fields }: SyncRecord): Found {
  const word = (name: string) => String(fields[name] ?? '');
  return {
    id,
    thread: word('thread'),
    address: word('address'),
    contact: word('contact'),
    date_ms: Number(fields.date_ms),
    direction: word('direction'),
    body: word('body'),
  };
}

/** By XMLHttpRequest: fetch tells nothing of how much is sent. The cloud reads no faster than it keeps. */
function sendFile(
  api: Api,
  file: Blob,
  onProgress: (sent: number, size: number) => void,
): Promise<ImportReport> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', `${api.baseUrl}/messages/import`);
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
      if (request.status === 200) resolve(answer as unknown as ImportReport);
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
