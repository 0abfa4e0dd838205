import { BridgeError, type Upload } from '../../../../sdk/src/protocol.ts';
import type { Api, ShellDeps } from '../../deps.ts';
import { bad, blob, flag, handle, type Params, recordId, text } from '../shapes.ts';
import type { Method } from './index.ts';
import { hold } from './records.ts';

const PIECE = 4 << 20;
/** Codes after which the cloud is asked how far it is, and the rest is sent. */
const PASSING: ReadonlySet<string> = new Set([
  'offline',
  'unavailable',
  'cut-off',
  'upload-busy',
  'wrong-offset',
]);
const DAY_MS = 24 * 3600 * 1000;
const WAIT_MS = 1000;
const WAIT_MOST_MS = 15_000;
const allowed: Method['allowed'] = (may) => may.has('files');

interface Told {
  offset?: number;
  file?: { id?: string } | string | null;
}

const running = new WeakMap<object, Map<number, Sending>>();

export const filesMethods: Record<string, Method> = {
  'files.list': { allowed, run: ({ deps }) => deps.sync.query('files.file') },
  'files.upload': {
    allowed,
    run: async (turn, params) => {
      const id = handle(params, 'upload');
      const name = fileName(text(params, 'name', 255));
      const parent = text(params, 'parent', 200);
      const replaces = params.replaces === undefined ? '' : text(params, 'replaces', 200);
      const sending = new Sending(turn.deps.api, blob(params, 'file'), (state) =>
        turn.emit('upload', { upload: id, ...state }),
      );
      const own = running.get(turn) ?? new Map<number, Sending>();
      running.set(turn, own);
      hold(turn, `upload:${id}`, () => sending.steer('cancel'));
      own.set(id, sending);
      try {
        return await sending.send(name, parent, replaces);
      } finally {
        own.delete(id);
        turn.handles.delete(`upload:${id}`);
        turn.deps.sync.ring();
      }
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
  'files.folder': {
    allowed,
    run: async ({ deps }, params) => {
      const id = crypto.randomUUID();
      const name = fileName(text(params, 'name', 255));
      const fields = { name, parent: text(params, 'parent', 200), type: 'inode/directory', size: 0 };
      await deps.sync.put('files.file', id, { ...fields, modified_ms: Date.now() });
      return id;
    },
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
  'files.share': {
    allowed,
    run: ({ deps }, params) => {
      const days = Number(params.days ?? 0);
      if (!Number.isInteger(days) || days < 0 || days > 3650) throw bad('days is a number of days');
      return deps.api.post(`${pathOf(params)}/shares`, {
        account: params.account === undefined ? '' : text(params, 'account', 200),
        write: params.write === undefined ? false : flag(params, 'write'),
        password: params.password === undefined ? '' : text(params, 'password', 1000),
        expires_ms: days ? Date.now() + days * DAY_MS : null,
      });
    },
  },
  'files.shares': {
    allowed,
    run: async ({ deps }, params) =>
      (await deps.api.get<{ shares: unknown }>(`${pathOf(params)}/shares`)).shares,
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
  'files.usage': {
    allowed,
    run: ({ deps }) => deps.api.get('/files/usage'),
  },
};

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

function fileName(name: string): string {
  const plain = name.normalize('NFC').trim();
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they may not stand in a name
  if (!plain || plain === '.' || plain === '..' || /[/\u0000-\u001f]/.test(plain))
    throw bad('name is no file name');
  return plain;
}

/** One upload in pieces. What the cloud has is asked after every failure, so nothing is sent twice. */
export class Sending {
  private paused = false;
  private cancelled = false;
  private wake: () => void = () => undefined;
  private abort = new AbortController();
  private sent = 0;
  private fileId: string | undefined;

  constructor(
    private readonly api: Api,
    private readonly file: Blob,
    private readonly show: (state: Upload) => void,
    private readonly sleep: (ms: number) => Promise<void> = wait,
  ) {}

  steer(act: 'pause' | 'resume' | 'cancel'): void {
    this.paused = act === 'pause';
    this.cancelled ||= act === 'cancel';
    this.wake();
    if (act !== 'resume') this.abort.abort();
  }

  /** Resolves to the file's record id. */
  async send(name: string, parent: string, replaces = ''): Promise<string> {
    const type = this.file.type || 'application/octet-stream';
    const wish = { name, parent, size: this.file.size, type, replaces };
    const start = await this.insist(
      () =>
        this.api.post<{ upload: string; offset: number; file?: { id?: string } | string }>(
          '/files/uploads',
          wish,
        ),
      async () => undefined,
    );
    if (start.file) return idOf(start.file);
    const path = `/files/uploads/${encodeURIComponent(start.upload)}`;
    this.sent = start.offset;
    try {
      while (this.fileId === undefined) {
        await this.insist(
          () => this.piece(path),
          () => this.ask(path),
        );
        this.tell('sending');
      }
    } finally {
      // What it sent so far is of no use to anyone; the cloud forgets it by itself where this does not arrive.
      if (this.cancelled && this.fileId === undefined) void this.api.delete(path).catch(() => undefined);
    }
    return this.fileId;
  }

  private async piece(path: string): Promise<void> {
    if (this.fileId !== undefined) return;
    const end = Math.min(this.file.size, this.sent + PIECE);
    this.abort = new AbortController();
    const answer = await this.api.send('PATCH', path, undefined, {
      body: this.file.slice(this.sent, end),
      headers: { 'Upload-Offset': String(this.sent), 'Content-Type': 'application/octet-stream' },
      signal: this.abort.signal,
    });
    await this.learn(answer, end);
  }

  /** Where the cloud is: the last piece may have arrived though its answer did not. */
  private async ask(path: string): Promise<void> {
    await this.learn(await this.api.send('GET', path), this.sent);
  }

  private async learn(answer: Response, otherwise: number): Promise<void> {
    const told = (answer.status === 204 ? {} : await answer.json().catch(() => ({}))) as Told;
    this.sent = Number(told.offset ?? answer.headers.get('Upload-Offset') ?? otherwise);
    if (told.file) this.fileId = idOf(told.file);
  }

  /** Tries until it works; only a refusal by the cloud, or a cancel, ends it. */
  private async insist<T>(step: () => Promise<T>, recover: () => Promise<void>): Promise<T> {
    let pause = WAIT_MS;
    let failed = false;
    for (;;) {
      while (this.paused && !this.cancelled) {
        this.tell('paused');
        await new Promise<void>((resolve) => {
          this.wake = resolve;
        });
        failed = true;
      }
      if (this.cancelled) throw new BridgeError('cancelled', 'The upload was cancelled.');
      try {
        if (failed) await recover();
        failed = false;
        return await step();
      } catch (error) {
        const { code, status } = error as { code?: string; status?: number };
        if (!PASSING.has(code ?? '') && !(status === 502 || status === 503 || status === 504)) throw error;
        failed = true;
        if (this.paused || this.cancelled) continue;
        this.tell('waiting');
        await Promise.race([
          this.sleep(pause),
          new Promise<void>((resolve) => {
            this.wake = resolve;
          }),
        ]);
        pause = Math.min(WAIT_MOST_MS, pause * 2);
      }
    }
  }

  private tell(state: Upload['state']): void {
    this.show({ sent: this.sent, size: this.file.size, state });
  }
}

function idOf(file: { id?: string } | string): string {
  return typeof file === 'string' ? file : (file.id ?? '');
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
