/** The installed apps, read from the records of `apps.app`. */

import type { Fields, SyncRecord } from '../../../kit/src/sync/types.ts';
import type { App } from '../deps.ts';

export const SETTINGS = 'settings';

export function parseApp(record: Pick<SyncRecord, 'id' | 'fields'>): App {
  const fields = record.fields;
  const text = (name: string) => (typeof fields[name] === 'string' ? (fields[name] as string) : '');
  const installed = fields.installed_at;
  const manifest = isObject(fields.manifest) ? fields.manifest : {};
  const member = manifest.pileus;
  return {
    id: record.id,
    label: text('label') || record.id,
    kind: text('engine') ? 'cloud' : 'web',
    icon: text('icon'),
    engine: text('engine'),
    package: text('package'),
    version: text('version_name'),
    origin: text('origin'),
    system: isObject(member) && member.system === true,
    manifest,
    installedAt: typeof installed === 'number' ? installed : Date.parse(String(installed ?? '')) || 0,
  };
}

export function settingsApp(label: string): App {
  return {
    id: SETTINGS,
    label,
    kind: 'shell',
    icon: '',
    engine: '',
    package: '',
    version: '',
    origin: '',
    system: true,
    manifest: {},
    installedAt: 0,
  };
}

/** The name of an app in the owner's language: a manifest may carry `name_zh`-like translations. */
export function labelOf(app: App, locale: string): string {
  const member = app.manifest.pileus;
  const names = isObject(member) && isObject(member.names) ? member.names : {};
  const own = names[locale];
  return typeof own === 'string' ? own : app.label;
}

/** Words that match the start of a word in the label, or any part of a Chinese one. */
export function findApps<T extends { label: string }>(apps: readonly T[], query: string): T[] {
  const wanted = query.trim().toLocaleLowerCase();
  if (!wanted) return [...apps];
  return apps.filter((app) => app.label.toLocaleLowerCase().includes(wanted));
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
