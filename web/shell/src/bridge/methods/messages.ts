import type { Fields, SyncRecord } from '../../../../kit/src/sync/types.ts';
import type {
  Deleted,
  Found,
  ImportReport,
  SearchedWithin,
  Sim,
  Thread,
} from '../../../../sdk/src/protocol.ts';
import { archiveId, draftId } from '../../outbox/draft.ts';
import { messageOf } from '../../outbox/shown.ts';
import {
  bad,
  blob,
  blobs,
  fields,
  flag,
  handle,
  oneOf,
  type Params,
  recordId,
  recordIds,
  text,
  texts,
} from '../shapes.ts';
import { asideOf, isNews, threadOf } from './aside.ts';
import { fetchFile } from './fetching.ts';
import type { Method, Turn } from './index.ts';
import { sendFile } from './sending.ts';

const COLLECTION = 'messages.message';
const DRAFTS = 'messages.draft';
const CALLS = 'messages.call';
const ARCHIVES = 'messages.archive';
const LOCAL_PAGE = 100;
const PEOPLE = 100;
const CHOSEN = 10_000;
/** All calls of many years may be meant at once. */
const CHOSEN_CALLS = 200_000;
const BODY = 100_000;
const PICTURES = 10;
const PICTURE_NAME = 100;
/** What a message that waited is when its deletion is undone: bringing it back must not seem to send it. */
const SETTLED: { [state: string]: string } = { queued: 'unsent', sending: 'unknown' };
const allowed: Method['allowed'] = (may) => may.has('messages');

export const messagesMethods: Record<string, Method> = {
  'messages.threads': {
    allowed,
    run: async (turn) => {
      const { sync } = turn.deps;
      const messages = await withLetters(turn, () => true);
      return threadsOf(messages, await sync.query(DRAFTS), await sync.query(ARCHIVES));
    },
  },
  'messages.thread': {
    allowed,
    run: async (turn, params) => {
      const id = text(params, 'id');
      const records = await withLetters(turn, ({ fields }) => fields.thread === id);
      return records.sort(byDate).slice(-Math.max(1, handle(params, 'limit')));
    },
  },
  'messages.search': {
    allowed,
    run: async ({ deps }, params) => {
      const query = text(params, 'query', 200);
      const within = withinOf(params);
      try {
        const asked = new URLSearchParams({ q: query });
        for (const [name, value] of Object.entries(within)) asked.set(name, String(value));
        const found = await deps.api.get<{ messages: Found[]; more: boolean }>(`/messages/search?${asked}`);
        return { ...found, local: false };
      } catch (error) {
        if ((error as { code?: string }).code !== 'offline') throw error;
        const asksForAll = query.trim() === '' && Object.keys(within).length > 0;
        const records = await deps.sync.query(
          COLLECTION,
          (record) => isWithin(record, within) && (asksForAll || matches(record, query)),
        );
        const messages = records.sort(byDate).reverse().slice(0, LOCAL_PAGE).map(toFound);
        return { messages, more: records.length > LOCAL_PAGE, local: true };
      }
    },
  },
  'messages.send': {
    allowed,
    run: async (turn, params) => {
      const { deps } = turn;
      const wish = {
        id: recordId(params),
        thread: 'thread' in params ? text(params, 'thread') : '',
        people: texts(params, 'people', PEOPLE),
        body: text(params, 'body', BODY),
        sim: text(params, 'sim', 100),
        contact: text(params, 'contact', 200),
        region: regionOf(deps.env().tag),
      };
      if (wish.people.length === 0) throw bad('people are one at least');
      const files = 'parts' in params ? blobs(params, 'parts', PICTURES) : [];
      const names = files.length > 0 ? texts(params, 'names', files.length) : [];
      const send = files.length > 0 ? handle(params, 'send') : 0;
      const along = files.map((blob, at) => ({ blob, name: pictureName(names[at] ?? '') }));
      let here = true;
      turn.cleanup(() => {
        here = false;
      });
      return deps.outbox.send(
        { ...wish, thread: wish.thread || wish.people.join(', '), files: along },
        (brought) => turn.emit('send', { send, brought }),
        () => here,
      );
    },
  },
  'messages.takeBack': {
    allowed,
    run: async ({ deps }, params) => {
      const letter = await deps.outbox.takeBack(recordId(params));
      const files = letter?.files.map(({ blob, name }) => new File([blob], name, { type: blob.type }));
      return letter && { body: letter.body, files };
    },
  },
  'messages.tookBack': {
    allowed,
    run: ({ deps }, params) => deps.outbox.tookBack(recordId(params)),
  },
  'messages.tryAgain': {
    allowed,
    run: ({ deps }, params) => deps.outbox.tryAgain(recordId(params)),
  },
  // The cloud has one question for an account of a name; who asks too often waits.
  'messages.account': {
    allowed,
    run: ({ deps }, params) =>
      deps.api.get(`/calendar/guests/${encodeURIComponent(text(params, 'name', 200))}`),
  },
  'messages.sims': {
    allowed,
    run: async ({ deps }) => (await deps.api.get<{ sims: Sim[] }>('/messages/sims')).sims,
  },
  'messages.decide': {
    allowed,
    run: async ({ deps }, params) => {
      const decision = oneOf(params, 'decision', ['again', 'sent', 'cancel'] as const);
      if (await deps.outbox.decide(recordId(params), decision)) return;
      await deps.api.post(`/messages/outgoing/${encodeURIComponent(recordId(params))}/decide`, { decision });
    },
  },
  'messages.part': {
    allowed,
    run: async ({ deps }, params) => {
      const here = await deps.outbox.picture(recordId(params), handle(params, 'number'));
      if (here) return here;
      const id = encodeURIComponent(recordId(params));
      return (await deps.api.send('GET', `/messages/${id}/parts/${handle(params, 'number')}`)).blob();
    },
  },
  'messages.draft': {
    allowed,
    run: async ({ deps }, params) => {
      const draft = await deps.sync.get(DRAFTS, await draftId(text(params, 'thread', 1000)));
      return String(draft?.fields.body ?? '');
    },
  },
  'messages.keepDraft': {
    allowed,
    run: async ({ deps }, params) => {
      const thread = text(params, 'thread', 1000);
      const body = text(params, 'body', BODY);
      const id = await draftId(thread);
      const present = await deps.sync.get(DRAFTS, id);
      if (!body && present) await deps.sync.delete(DRAFTS, id);
      if (!body || body === present?.fields.body) return;
      const people = texts(params, 'people', PEOPLE);
      await deps.sync.put(DRAFTS, id, { thread, people, body, changed_ms: Date.now() });
    },
  },
  'messages.delete': {
    allowed,
    run: async ({ deps }, params) => {
      const { messages, threads } = chosen(params);
      const records = await deps.sync.query(
        COLLECTION,
        ({ id, fields }) => messages.has(id) || threads.has(threadOf(fields)),
      );
      const drafts = await deps.sync.query(DRAFTS, ({ fields }) => threads.has(threadOf(fields)));
      const archived = await deps.sync.query(ARCHIVES, ({ fields }) => threads.has(threadOf(fields)));
      const named = new Set('calls' in params ? recordIds(params, 'calls', CHOSEN_CALLS) : []);
      const calls = named.size > 0 ? await deps.sync.query(CALLS, ({ id }) => named.has(id)) : [];
      const gone: Deleted = {
        messages: byId(records),
        drafts: byId(drafts),
        calls: byId(calls),
        archives: byId(archived),
        letters: await deps.outbox.drop(({ id, thread }) => messages.has(id) || threads.has(thread)),
      };
      await deps.sync.change({
        [COLLECTION]: new Map(records.map(({ id }) => [id, null])),
        [DRAFTS]: new Map(drafts.map(({ id }) => [id, null])),
        [CALLS]: new Map(calls.map(({ id }) => [id, null])),
        [ARCHIVES]: new Map(archived.map(({ id }) => [id, null])),
      });
      return gone;
    },
  },
  'messages.restore': {
    allowed,
    run: async ({ deps }, params) => {
      const back = (name: string) =>
        Object.entries(fields({ fields: params[name] })).map(([id, value]): [string, Fields] => {
          const one = fields({ fields: value });
          const state = SETTLED[String(one.state)];
          return [recordId({ id }), state === undefined ? one : { ...one, state }];
        });
      await deps.sync.change({
        [COLLECTION]: new Map(back('messages')),
        [DRAFTS]: new Map(back('drafts')),
        [CALLS]: new Map('calls' in params ? back('calls') : []),
        [ARCHIVES]: new Map('archives' in params ? back('archives') : []),
      });
      await deps.outbox.restore('letters' in params ? recordIds(params, 'letters', CHOSEN) : []);
    },
  },
  'messages.archive': {
    allowed,
    run: async (turn, params) => {
      const { threads } = chosen(params);
      const on = flag(params, 'on');
      const there = await withLetters(turn, ({ fields }) => threads.has(threadOf(fields)));
      const aside = asideOf(there, Date.now());
      const changes = [...threads].map(
        async (thread): Promise<[string, Fields | null]> => [
          await archiveId(thread),
          on ? { thread, last_ms: 0, ...aside.get(thread) } : null,
        ],
      );
      const { sync } = turn.deps;
      const made = await Promise.all(changes);
      const kept = new Set((await sync.query(ARCHIVES)).map(({ id }) => id));
      await sync.change({ [ARCHIVES]: new Map(made.filter(([id]) => on || kept.has(id))) });
    },
  },
  'messages.mark': {
    allowed,
    run: async ({ deps }, params) => {
      const { threads } = chosen(params);
      const read = flag(params, 'read');
      const records = await deps.sync.query(
        COLLECTION,
        ({ fields }) => fields.direction === 'in' && threads.has(threadOf(fields)),
      );
      // Marking a conversation as unread is about its last message: the rest was read.
      const last = new Map(records.sort(byDate).map((record) => [threadOf(record.fields), record]));
      const marked = read ? records.filter((one) => one.fields.read === false) : [...last.values()];
      await deps.sync.change({ [COLLECTION]: new Map(marked.map(({ id }) => [id, { read }])) });
    },
  },
  'messages.import': {
    allowed,
    run: (turn, params) => {
      const id = handle(params, 'import');
      const { locale, tag } = turn.deps.env();
      const deleted = flag(params, 'restoreDeleted') ? 'restore' : 'leave';
      const asked = new URLSearchParams({ language: locale, region: regionOf(tag), deleted });
      return sendFile<ImportReport>(
        turn.deps.api,
        `/messages/import?${asked}`,
        blob(params, 'file'),
        (sent, size) => turn.emit('import', { import: id, sent, size }),
      );
    },
  },
  'messages.export': {
    allowed,
    run: ({ deps }, params) =>
      fetchFile(deps.api, `/messages/export?kind=${oneOf(params, 'kind', ['messages', 'calls'])}`),
  },
};

function pictureName(name: string): string {
  return [...name]
    .slice(0, PICTURE_NAME)
    .join('')
    .replace(/\p{Surrogate}/gu, '\ufffd');
}

function chosen(params: Params): { messages: Set<string>; threads: Set<string> } {
  return {
    messages: new Set(recordIds(params, 'messages', CHOSEN)),
    threads: new Set(texts(params, 'threads', CHOSEN)),
  };
}

function byId(records: readonly SyncRecord[]): { [id: string]: Fields } {
  return Object.fromEntries(records.map(({ id, fields }) => [id, fields]));
}

/** The messages, and those that are still on this phone. */
async function withLetters(
  { deps }: Turn,
  where: (record: Pick<SyncRecord, 'fields'>) => boolean,
): Promise<SyncRecord[]> {
  const waiting = (await deps.outbox.letters()).map((one): SyncRecord => {
    return { collection: COLLECTION, id: one.id, fields: messageOf(one), seq: 0, pending: true };
  });
  return [...(await deps.sync.query(COLLECTION, where)), ...waiting.filter(where)];
}

/** Threads by their address, the one with the newest message first; archived until something new is there. */
export function threadsOf(
  records: readonly SyncRecord[],
  drafts: readonly SyncRecord[] = [],
  archives: readonly SyncRecord[] = [],
): Thread[] {
  const threads = new Map<string, Thread>();
  for (const { fields } of records) {
    const id = threadOf(fields);
    const date = Number(fields.date_ms ?? 0);
    const thread = threads.get(id) ?? newThread(id, fields);
    threads.set(id, thread);
    thread.count += 1;
    if (fields.state === 'unknown') thread.unsure = true;
    if (fields.read === false && fields.direction === 'in') thread.unread += 1;
    // In a group the contact is whoever wrote, but in files that name all of them.
    const named = thread.people.length < 2 || String(fields.contact ?? '').includes(',');
    if (named && !thread.contact && fields.contact) thread.contact = String(fields.contact);
    if (date <= thread.lastMs) continue;
    thread.lastMs = date;
    thread.lastBody = String(fields.body || fields.subject || '').slice(0, 200);
    thread.lastOut = fields.direction === 'out';
    thread.lastState = thread.lastOut ? String(fields.state ?? '') : '';
    thread.lastPicture = isPicture(fields.parts);
    if (named && fields.contact) thread.contact = String(fields.contact);
  }
  for (const { fields } of drafts) {
    const id = String(fields.thread ?? '');
    const thread = threads.get(id) ?? newThread(id, fields);
    threads.set(id, thread);
    thread.draft = String(fields.body ?? '').slice(0, 200);
    thread.lastMs = Math.max(thread.lastMs, Number(fields.changed_ms ?? 0));
  }
  const aside = new Map(archives.map(({ fields }) => [threadOf(fields), fields]));
  for (const id of aside.keys()) {
    const thread = threads.get(id);
    if (thread) thread.archived = true;
  }
  for (const record of aside.size > 0 ? records : []) {
    const archive = aside.get(threadOf(record.fields));
    if (archive && isNews(record, archive)) threads.get(threadOf(record.fields))!.archived = false;
  }
  return [...threads.values()].sort((one, other) => other.lastMs - one.lastMs);
}

/** Whether what goes along begins with a picture. */
function isPicture(parts: unknown): boolean {
  const first = Array.isArray(parts) ? (parts[0] as { type?: unknown } | null) : undefined;
  return String(first?.type ?? '').startsWith('image/');
}

function newThread(id: string, fields: Fields): Thread {
  const people = Array.isArray(fields.people) ? fields.people.map(String) : [String(fields.address ?? '')];
  const address = people.length === 1 ? String(fields.address ?? people[0]) : people.join(', ');
  const last = { lastMs: -1, lastBody: '', lastOut: false, lastState: '', lastPicture: false };
  return {
    id,
    address,
    people,
    contact: '',
    ...last,
    count: 0,
    unread: 0,
    draft: '',
    unsure: false,
    archived: false,
  };
}

/** Where national numbers are at home, by the language's region; "" where it names none. */
function regionOf(tag: string): string {
  return new Intl.Locale(tag).region ?? '';
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

/** Raises where it asks for no conversation or moment. */
function withinOf(params: Params): SearchedWithin {
  return {
    ...('thread' in params ? { thread: text(params, 'thread') } : {}),
    ...('since' in params ? { since: handle(params, 'since') } : {}),
    ...('before' in params ? { before: handle(params, 'before') } : {}),
  };
}

function isWithin({ fields }: SyncRecord, { thread, since, before }: SearchedWithin): boolean {
  const date = Number(fields.date_ms);
  return (
    (thread === undefined || fields.thread === thread) &&
    (since === undefined || date >= since) &&
    (before === undefined || date < before)
  );
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
