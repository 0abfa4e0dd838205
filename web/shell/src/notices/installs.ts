import { problemWords, t } from '../../../kit/src/i18n/index.ts';
import type { Fields } from '../../../kit/src/sync/types.ts';
import type { Notice } from '../deps.ts';

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
