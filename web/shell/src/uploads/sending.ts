/** One upload by the tus protocol (docs/design/files.md): pieces with their hashes, from where the cloud is. */

import { BridgeError, type Upload } from '../../../sdk/src/protocol.ts';
import type { Api } from '../deps.ts';

const PIECE = 4 << 20;
/** Codes after which the cloud is asked how far it is, and the rest is sent. */
const PASSING: ReadonlySet<string> = new Set([
  'offline',
  'unavailable',
  'cut-off',
  'upload-busy',
  'wrong-offset',
  'checksum-mismatch',
]);
const WAIT_MS = 1000;
const WAIT_MOST_MS = 15_000;

/** Where a file goes; `upload`: it was begun before. */
export interface Place {
  name: string;
  parent: string;
  replaces: string;
  sealed?: string;
  upload?: string;
}

interface Told {
  offset?: number;
  file?: { id?: string } | string | null;
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
  async send(wish: Place, began: (upload: string) => Promise<void> = async () => undefined): Promise<string> {
    const path = await this.start(wish, began);
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

  /** The path of an upload: of one that was begun before, where the cloud still has it, or of a new one. */
  private async start(wish: Place, began: (upload: string) => Promise<void>): Promise<string> {
    if (wish.upload !== undefined) {
      const path = pathOf(wish.upload);
      const there = await this.insist(
        () => this.ask(path).then(() => true),
        async () => undefined,
      ).catch((error: { code?: string }) => {
        if (error.code === 'no-upload') return false;
        throw error;
      });
      if (there) return path;
    }
    const { name, parent, replaces, sealed = '' } = wish;
    const type = this.file.type || 'application/octet-stream';
    const asked = { name, parent, size: this.file.size, type, replaces, sealed };
    const begun = await this.insist(
      () => this.api.post<{ upload: string } & Told>('/files/uploads', asked),
      async () => undefined,
    );
    if (begun.file) this.fileId = idOf(begun.file);
    this.sent = begun.offset ?? 0;
    await began(begun.upload);
    return pathOf(begun.upload);
  }

  private async piece(path: string): Promise<void> {
    if (this.fileId !== undefined) return;
    const end = Math.min(this.file.size, this.sent + PIECE);
    this.abort = new AbortController();
    const body = await this.file.slice(this.sent, end).arrayBuffer();
    const answer = await this.api.send('PATCH', path, undefined, {
      body,
      headers: {
        'Tus-Resumable': '1.0.0',
        'Upload-Offset': String(this.sent),
        'Upload-Checksum': `sha256 ${base64(await crypto.subtle.digest('SHA-256', body))}`,
        'Content-Type': 'application/offset+octet-stream',
      },
      signal: this.abort.signal,
    });
    this.sent = Number(answer.headers.get('Upload-Offset') ?? end);
    this.fileId = answer.headers.get('Pileus-File') ?? undefined;
  }

  /** Where the cloud is: the last piece may have arrived though its answer did not. */
  private async ask(path: string): Promise<void> {
    const told = (await (await this.api.send('GET', path)).json()) as Told;
    this.sent = told.offset ?? this.sent;
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

function pathOf(upload: string): string {
  return `/files/uploads/${encodeURIComponent(upload)}`;
}

function base64(data: ArrayBuffer): string {
  return btoa(String.fromCharCode(...new Uint8Array(data)));
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
