/** What the shade says of the account's backups and of its stored data, until it is mended. */

import { rereads } from '../../../kit/src/rereads.ts';
import type { Sync } from '../../../kit/src/sync/types.ts';
import { SETTINGS } from '../apps/apps.ts';
import type { Notices } from '../deps.ts';
import {
  BACKUP,
  backupNotice,
  foldersNotice,
  foldersOf,
  SNAPSHOTS,
  STATE,
} from '../settings/backup-rules.ts';
import { CARE, DAMAGE, NOTICES, STORAGE, storageNotices } from '../settings/storage-rules.ts';
import type { UsageStore } from '../settings/usage.ts';

export class Upkeep {
  constructor(
    private readonly sync: Pick<Sync, 'get' | 'query' | 'subscribe'>,
    private readonly notices: Pick<Notices, 'post' | 'clear'>,
    /** It says since when there is anything to back up. */
    private readonly usage: UsageStore,
  ) {}

  start(): () => void {
    const offs = [
      this.sync.subscribe(BACKUP, () => void this.backups()),
      this.sync.subscribe(SNAPSHOTS, () => void this.backups()),
      this.sync.subscribe(STORAGE, () => void this.storage()),
      this.usage.watch(() => void this.backups()),
    ];
    return () => {
      for (const off of offs) off();
    };
  }

  /** All of it, in the language of now. */
  async tell(): Promise<void> {
    await Promise.all([this.backups(), this.storage()]);
  }

  /** A phone whose last backup is old, or failed, or never was, says so until there is a new one; so do computers. */
  private readonly backups = rereads(async () => {
    const now = Date.now();
    const phones = backupNotice((await this.sync.get(BACKUP, STATE))?.fields, now, this.usage.value?.since);
    const folders = foldersNotice(foldersOf(await this.sync.query(SNAPSHOTS), now), now);
    if (phones) this.notices.post(phones);
    else this.notices.clear(SETTINGS, 'backup');
    if (folders) this.notices.post(folders);
    else this.notices.clear(SETTINGS, 'backup-folders');
  });

  /** What of the stored data is damaged, unchecked or not copied, until that is mended. */
  private readonly storage = rereads(async () => {
    const care = (await this.sync.get(STORAGE, CARE))?.fields;
    const damage = (await this.sync.get(STORAGE, DAMAGE))?.fields;
    const notices = storageNotices(care, damage, Date.now());
    for (const notice of notices) this.notices.post(notice);
    for (const key of NOTICES) if (!notices.some((one) => one.key === key)) this.notices.clear(SETTINGS, key);
  });
}
