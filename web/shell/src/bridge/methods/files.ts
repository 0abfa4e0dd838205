import type { Kept, Upload } from '../../../../sdk/src/protocol.ts';
import type { Api, ShellDeps } from '../../deps.ts';
import type { Running } from '../../uploads/uploads.ts';
import { fileName } from '../names.ts';
import { bad, blob, flag, handle, type Params, recordId, text } from '../shapes.ts';
import type { Method, Turn } from './index.ts';
import { move, rename } from './moving.ts';
import { hold } from './records.ts';
import { sendFile } from './sending.ts';

const DAY_MS = 24 * 3600 * 1000;
const allowed: Method['allowed'] = (may) => may.has('files');

const running = new WeakMap<object, Map<number, Running>>();

export const filesMethods: Record<string, Method> = {
  /** Without what is in the vault, of which nothing is to be read here. */
  'files.list': { allowed, run: ({ deps }) => deps.sync.query('files.file', ({ fields }) => !fields.sealed) },
  'files.upload': {
    allowed,
    run: (turn, params) => {
      const name = fileName(text(params, 'name'));
      const parent = text(params, 'parent', 200);
      const replaces = params.replaces === undefined ? '' : text(params, 'replaces', 200);
      const wish = { file: blob(params, 'file'), name, parent, replaces };
      return steered(turn, handle(params, 'upload'), (show) => turn.deps.uploads.begin(wish, show));
    },
  },
  'files.steer': {
    allowed,
    run: (turn, params) => {
      const act = text(params, 'act', 10);
      if (act !== 'pause' && act !== 'resume' && act !== 'cancel')
        throw bad('act is pause, resume or cancel');
      running.get(turn)?.get(handle(params, 'upload'))?.steer(act);
    },
  },
  'files.download': {
    allowed,
    run: ({ deps }, params) => content(deps.api, `${pathOf(params)}/content`),
  },
  'files.thumbnail': {
    allowed,
    run: ({ deps }, params) => content(deps.api, `${pathOf(params)}/thumbnail`),
  },
  'files.folder': {
    allowed,
    run: async ({ deps }, params) => {
      const id = crypto.randomUUID();
      const name = fileName(text(params, 'name'));
      const fields = { name, parent: text(params, 'parent', 200), type: 'inode/directory', size: 0 };
      await deps.sync.put('files.file', id, { ...fields, modified_ms: Date.now() });
      return id;
    },
  },
  'files.rename': {
    allowed,
    run: ({ deps }, params) => rename(deps.sync, recordId(params), text(params, 'name')),
  },
  'files.move': {
    allowed,
    run: ({ deps }, params) => move(deps.sync, recordId(params), text(params, 'parent', 200)),
  },
  'files.delete': {
    allowed,
    run: ({ deps }, params) => rung(deps, deps.api.delete(pathOf(params))),
  },
  'files.trash': { allowed, run: ({ deps }) => deps.api.get('/files/trash') },
  'files.restore': {
    allowed,
    run: ({ deps }, params) => rung(deps, deps.api.post(`${inTrash(params)}/restore`)),
  },
  'files.purge': { allowed, run: ({ deps }, params) => deps.api.delete(inTrash(params)) },
  'files.emptyTrash': { allowed, run: ({ deps }) => deps.api.delete('/files/trash') },
  'files.versions': { allowed, run: ({ deps }, params) => deps.api.get(`${pathOf(params)}/versions`) },
  'files.version': {
    allowed,
    run: ({ deps }, params) => content(deps.api, `${versionOf(params)}/content`),
  },
  'files.revert': {
    allowed,
    run: ({ deps }, params) => rung(deps, deps.api.post(`${versionOf(params)}/restore`)),
  },
  'files.search': {
    allowed,
    run: ({ deps }, params) =>
      deps.api.get(`/files/search?q=${encodeURIComponent(text(params, 'query', 1000))}`),
  },
  'files.share': {
    allowed,
    run: ({ deps }, params) =>
      deps.api.post(`${pathOf(params)}/shares`, {
        account: params.account === undefined ? '' : text(params, 'account', 200),
        family: params.family === undefined ? false : flag(params, 'family'),
        write: params.write === undefined ? false : flag(params, 'write'),
        password: params.password === undefined ? '' : text(params, 'password', 1000),
        expires_ms: expiry(params),
      }),
  },
  'files.shares': {
    allowed,
    run: async ({ deps }, params) =>
      (await deps.api.get<{ shares: unknown }>(`${pathOf(params)}/shares`)).shares,
  },
  /** Whether there is a family to share with; an app learns no more of it. */
  'files.family': {
    allowed,
    run: async ({ deps }) => (await deps.api.get<{ kind: string | null }>('/family')).kind !== null,
  },
  'files.endShare': {
    allowed,
    run: ({ deps }, params) =>
      deps.api.delete(`/files/shares/${encodeURIComponent(text(params, 'share', 200))}`),
  },
  'files.given': {
    allowed,
    run: async ({ deps }, params) => {
      const path = params.share === undefined ? '/files/shared' : given(params);
      return (await deps.api.get<{ entries: unknown }>(path)).entries;
    },
  },
  'files.givenContent': { allowed, run: ({ deps }, params) => content(deps.api, `${given(params)}/content`) },
  /** In one request: one that is cut off leaves the file as it was. */
  'files.writeGiven': {
    allowed,
    run: async ({ deps }, params) => {
      const headers = { 'Content-Type': 'application/octet-stream' };
      const body = blob(params, 'file');
      await deps.api.send('PUT', `${given(params)}/content`, undefined, { body, headers });
    },
  },
  /** A new file in a shared folder, in one request; resolves to what it is called there. */
  'files.addGiven': {
    allowed,
    run: (turn, params) => {
      const id = handle(params, 'import');
      const file = blob(params, 'file');
      const type = file.type || 'application/octet-stream';
      const asked = new URLSearchParams({ name: fileName(text(params, 'name')), type });
      const path = `${given(params)}/files?${asked}`;
      return sendFile<Kept>(turn.deps.api, path, file, (sent, size) =>
        turn.emit('import', { import: id, sent, size }),
      );
    },
  },
  'files.usage': {
    allowed,
    run: ({ deps }) => deps.api.get('/files/usage'),
  },
};

/** An upload that its app can pause and cancel by the number that it chose; resolves to the file's record id. */
export async function steered(
  turn: Turn,
  id: number,
  begin: (show: (state: Upload) => void) => Running | Promise<Running>,
): Promise<string> {
  const sending = await begin((state) => turn.emit('upload', { upload: id, ...state }));
  const own = running.get(turn) ?? new Map<number, Running>();
  running.set(turn, own);
  hold(turn, `upload:${id}`, () => sending.leave());
  own.set(id, sending);
  try {
    return await sending.done;
  } finally {
    own.delete(id);
    turn.handles.delete(`upload:${id}`);
  }
}

/** When what lasts for `days` ends; null: never. */
export function expiry(params: Params): number | null {
  const days = Number(params.days ?? 0);
  if (!Number.isInteger(days) || days < 0 || days > 3650) throw bad('days is a number of days');
  return days ? Date.now() + days * DAY_MS : null;
}

function pathOf(params: Params): string {
  return `/files/${encodeURIComponent(recordId(params))}`;
}

function inTrash(params: Params): string {
  return `/files/trash/${encodeURIComponent(recordId(params))}`;
}

function versionOf(params: Params): string {
  return `${pathOf(params)}/versions/${encodeURIComponent(text(params, 'version', 200))}`;
}

function given(params: Params): string {
  return `/files/shared/${encodeURIComponent(text(params, 'share', 200))}/${encodeURIComponent(recordId(params))}`;
}

async function content(api: Api, path: string): Promise<Blob> {
  const answer = await api.send('GET', path);
  return answer.blob();
}

/** What the cloud did to records is read at once. */
async function rung<T>(deps: ShellDeps, done: Promise<T>): Promise<T> {
  try {
    return await done;
  } finally {
    deps.sync.ring();
  }
}
