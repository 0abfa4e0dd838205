/** What the cloud tells this device by a record for as long as it is so: what others share with its owner, and that
 * another device began the vault anew. */

import { localeTag, t, time } from '../../../kit/src/i18n/index.ts';
import type { Fields, Sync } from '../../../kit/src/sync/types.ts';
import type { Notice, Notices } from '../deps.ts';

const GIVEN = 'files.given';
const ANEW = 'files.vault-anew';
/** What is older was seen elsewhere, or is no news any more. */
const NEWS_MS = 7 * 24 * 3_600_000;
/** Clocks of the cloud and of this device differ by some seconds. */
const SLACK = 60_000;

export class Told {
  /** When what was told of each came: once swept away it is not told again. */
  private readonly told = new Map<string, number>();

  constructor(
    private readonly sync: Pick<Sync, 'get' | 'subscribe'>,
    private readonly notices: Notices,
    /** This one's id. */
    private readonly device: string,
    /** Takes away what the browser shows of a notice of this key. */
    private readonly unshow: (key: string) => void = () => undefined,
    private readonly now: () => number = Date.now,
  ) {}

  /** `fresh`: the device has just come to the account, whose past is no news to it. */
  start(fresh: boolean): () => void {
    const since = this.now() - (fresh ? SLACK : NEWS_MS);
    const offs = [GIVEN, ANEW].map((collection) =>
      this.sync.subscribe(collection, (ids) => {
        for (const id of ids) void this.look(collection, id, since);
      }),
    );
    return () => {
      for (const off of offs) off();
    };
  }

  private async look(collection: string, id: string, since: number): Promise<void> {
    const key = keyOf(collection, id);
    const fields = (await this.sync.get(collection, id))?.fields;
    if (!fields) {
      this.told.delete(key);
      this.notices.clear('files', key);
      this.unshow(key);
      return;
    }
    const notice = collection === GIVEN ? givenNotice(key, fields) : this.anew(key, fields);
    if (!notice || notice.when < since || this.told.get(key) === notice.when) return;
    this.told.set(key, notice.when);
    this.notices.post(notice);
  }

  /** Whoever did it knows. */
  private anew(key: string, fields: Fields): Notice | undefined {
    return fields.device === this.device ? undefined : anewNotice(key, fields);
  }
}

/** Of a record `files.given`, or of the data of such a note; undefined for what is none. */
export function givenNotice(key: string, fields: Readonly<Record<string, unknown>>): Notice | undefined {
  const { from, file, name, folder, given_ms: when } = fields;
  if (typeof from !== 'string' || typeof file !== 'string' || !Number.isSafeInteger(when)) return undefined;
  const title = t(folder === true ? 'notices.given-folder' : 'notices.given-file', { name: from });
  const text = typeof name === 'string' && name ? name : t('notices.given-vault');
  const intent = { view: 'given', owner: from, file };
  return { key, app: 'files', title, text, when: when as number, intent };
}

/** Of the record `files.vault-anew`, or of the data of such a note; undefined for what is none. */
export function anewNotice(key: string, fields: Readonly<Record<string, unknown>>): Notice | undefined {
  const { name, begun_ms: when } = fields;
  if (typeof name !== 'string' || !Number.isSafeInteger(when)) return undefined;
  const at = new Date(when as number);
  const moment = `${at.toLocaleDateString(localeTag(), { day: 'numeric', month: 'short' })} ${time(at)}`;
  return {
    key,
    app: 'files',
    title: t('notices.vault-anew', { name }),
    text: t('notices.vault-anew-text', { when: moment }),
    when: when as number,
    intent: { view: 'vault' },
  };
}

/** Whether a record tells of it, too: that comes and goes at the right time. */
export function isTold({ app, key }: Pick<Notice, 'app' | 'key'>): boolean {
  return app === 'files' && (key.startsWith('given-') || key === ANEW_KEY);
}

const ANEW_KEY = 'vault-anew';

function keyOf(collection: string, id: string): string {
  return collection === GIVEN ? `given-${id}` : ANEW_KEY;
}
