import { problemWords, t } from '../../../kit/src/i18n/index.ts';
import type { Fields, Sync } from '../../../kit/src/sync/types.ts';
import type { Notice } from '../deps.ts';
import type { NoticeStore } from './notices.ts';

const INSTALLS = 'apps.install';

export function hasEnded(fields: Fields): boolean {
  return fields.phase === 'done' || fields.phase === 'failed';
}

const KEY = 'install-';

/** The record that a notice tells of, where it is one of an install. */
export function installOf({ app, key }: Notice): string | undefined {
  return app === 'store' && key.startsWith(KEY) ? key.slice(KEY.length) : undefined;
}

/** The notice of an install, from its record `apps.install`; it takes the place of the one before. */
export function installNotice(id: string, fields: Fields, now: number): Notice {
  const phase = typeof fields.phase === 'string' ? fields.phase : 'check';
  const progress = typeof fields.progress === 'number' ? fields.progress : undefined;
  const label = typeof fields.label === 'string' ? fields.label : '';
  const name = label || (typeof fields.name === 'string' ? fields.name : '');
  const common = { key: `${KEY}${id}`, app: 'store', when: now };
  if (phase === 'done') return { ...common, title: t('install.done'), text: name };
  if (phase === 'failed') {
    const text = (name: string) => (typeof fields[name] === 'string' ? fields[name] : '');
    const why = problemWords(text('code'), text('message'));
    return {
      ...common,
      title: name ? t('install.failed-app', { app: name }) : t('install.failed'),
      text: why,
    };
  }
  const title =
    phase === 'upload'
      ? t('install.upload')
      : phase === 'translate'
        ? t('install.translate')
        : t('install.check');
  const notice: Notice = { ...common, title, text: name, ongoing: true };
  return progress === undefined ? notice : { ...notice, progress };
}

/** Shows what becomes of installs. */
export class Installs {
  constructor(
    private readonly sync: Pick<Sync, 'get' | 'subscribe'>,
    private readonly notices: NoticeStore,
    /** Whether what comes is of the first snapshot: of before this device came. */
    private readonly first: () => boolean,
  ) {}

  start(): () => void {
    return this.sync.subscribe(INSTALLS, (ids) => void this.tell(ids));
  }

  private async tell(ids: readonly string[]): Promise<void> {
    const first = this.first();
    for (const id of ids) {
      const record = await this.sync.get(INSTALLS, id);
      if (record && !(first && hasEnded(record.fields)))
        this.notices.post(installNotice(id, record.fields, Date.now()));
    }
  }

  /** Those that are there, in the language of now. */
  async retell(): Promise<void> {
    for (const notice of this.notices.value) {
      const id = installOf(notice);
      const record = id === undefined ? undefined : await this.sync.get(INSTALLS, id);
      if (id !== undefined && record && this.notices.value.includes(notice))
        this.notices.post(installNotice(id, record.fields, notice.when));
    }
  }
}
