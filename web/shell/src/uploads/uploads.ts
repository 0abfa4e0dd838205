/** All uploads of this phone: they go on when their app is closed, and after the page was loaded again. */

import { problemWords, t } from '../../../kit/src/i18n/index.ts';
import type { Upload } from '../../../sdk/src/protocol.ts';
import type { Api, Notices } from '../deps.ts';
import type { KeptUpload, KeptUploads } from './kept.ts';
import { Sending } from './sending.ts';

/** Bytes from which on a file is kept on the device until the cloud has it. */
export const KEPT_FROM = 1 << 20;

export interface Wish {
  file: Blob;
  name: string;
  parent: string;
  replaces: string;
  sealed?: string;
}

export interface Running {
  /** The file's record id; rejects with a `Problem`, or `cancelled`. */
  done: Promise<string>;
  steer(act: 'pause' | 'resume' | 'cancel'): void;
  /** Its app is gone: a notice shows how far it is. */
  leave(): void;
}

/** One holder of the name at a time among all tabs; false where another has it. */
export type Alone = (name: string, work: () => Promise<void>) => Promise<boolean>;

export class Uploads {
  constructor(
    private readonly api: Api,
    private readonly kept: KeptUploads,
    private readonly notices: Notices,
    /** Records are to be read: a file came. */
    private readonly ring: () => void,
    private readonly alone: Alone = locked,
  ) {}

  begin(wish: Wish, show: (state: Upload) => void): Running {
    return this.run({ id: crypto.randomUUID(), ...wish }, show);
  }

  /** What an earlier page left; told in notices. Another tab's are left alone. */
  async resume(): Promise<void> {
    const left = await this.kept.all().catch((): KeptUpload[] => []);
    await Promise.all(
      left.map(async (one) => {
        const running = new Promise<Running>((resolve) => {
          void this.alone(lockOf(one), async () => {
            // Another tab may have ended it while this one was reading.
            const still = (await this.kept.all()).find(({ id }) => id === one.id);
            if (!still) return;
            const made = this.work(still, () => undefined);
            resolve(made);
            await made.done.catch(() => undefined);
          });
        });
        void running.then((made) => made.leave());
      }),
    );
  }

  private run(one: KeptUpload, show: (state: Upload) => void): Running {
    const made = this.work(one, show);
    void this.alone(lockOf(one), async () => void (await made.done.catch(() => undefined)));
    return made;
  }

  private work(one: KeptUpload, show: (state: Upload) => void): Running {
    let told = show;
    const sending = new Sending(this.api, one.file, (state) => told(state));
    const large = one.file.size >= KEPT_FROM;
    const done = (async () => {
      // Without storage it goes on for as long as the page does, as a small one.
      if (large) await this.kept.put(one).catch(() => undefined);
      try {
        return await sending.send(one, async (upload) => {
          if (large) await this.kept.put({ ...one, upload }).catch(() => undefined);
        });
      } finally {
        await this.kept.remove(one.id).catch(() => undefined);
        this.ring();
      }
    })();
    return {
      done,
      steer: (act) => sending.steer(act),
      leave: () => {
        told = (state) => this.notice(one, state);
        this.notice(one, { sent: 0, size: one.file.size, state: 'sending' });
        done.then(
          () => this.notices.clear('files', keyOf(one)),
          (error: unknown) => this.refused(one, error),
        );
      },
    };
  }

  private notice(one: KeptUpload, { sent, size, state }: Upload): void {
    this.notices.post({
      key: keyOf(one),
      app: 'files',
      title: t(state === 'waiting' ? 'upload.waiting' : 'upload.sending'),
      text: calledOf(one),
      when: Date.now(),
      progress: sent / (size || 1),
      ongoing: true,
    });
  }

  private refused(one: KeptUpload, error: unknown): void {
    const { code, detail } = error as { code?: string; detail?: string };
    if (code === 'cancelled') return this.notices.clear('files', keyOf(one));
    this.notices.post({
      key: keyOf(one),
      app: 'files',
      title: t('upload.failed', { name: calledOf(one) }),
      text: problemWords(code ?? '', detail ?? ''),
      when: Date.now(),
    });
  }
}

/** What its owner calls it; of the vault no name is told. */
function calledOf({ name, sealed }: KeptUpload): string {
  return sealed ? t('upload.vault') : name;
}

function keyOf({ id }: KeptUpload): string {
  return `upload-${id}`;
}

function lockOf({ id }: KeptUpload): string {
  return `pileus-upload-${id}`;
}

async function locked(name: string, work: () => Promise<void>): Promise<boolean> {
  return navigator.locks.request(name, { ifAvailable: true }, async (lock) => {
    if (lock) await work();
    return lock !== null;
  });
}
