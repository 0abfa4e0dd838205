/** The apps that the account has, and the settings, which are one of them on the screen. */

import { t } from '../../../kit/src/i18n/index.ts';
import { rereads } from '../../../kit/src/rereads.ts';
import type { Sync } from '../../../kit/src/sync/types.ts';
import type { Api, App } from '../deps.ts';
import type { Handset } from '../handset/handset.ts';
import { readKept } from '../phone/kept.ts';
import { Store } from '../store.ts';
import { parseApp, SETTINGS, settingsApp } from './apps.ts';
import { Keeping } from './kept.ts';

const APPS = 'apps.app';
const ORIGINS = 'pileus.origins';

export class Apps extends Store<readonly App[]> {
  private readonly keeping = new Keeping(localStorage);
  /** Where apps are served when their records can't say it: each at a port of the host in use. */
  private origins = readKept<Record<string, string>>(ORIGINS) ?? {};
  private forget: (gone: readonly string[]) => void = () => undefined;

  constructor(
    private readonly api: Api,
    private readonly sync: Pick<Sync, 'query' | 'subscribe'>,
    private readonly handset: Pick<Handset, 'appOrigin'>,
  ) {
    super([settingsApp(t('settings.title'))]);
  }

  /** `forget` hears after each reading which apps there are no more. */
  start(forget: (gone: readonly string[]) => void): () => void {
    this.forget = forget;
    return this.sync.subscribe(APPS, () => void this.read());
  }

  /** Has the cloud give this account the apps that it lacks, and asks where apps are served. */
  async prepare(): Promise<void> {
    type Server = { app_origins?: Record<string, string> };
    const server = this.api.get<Server>('/server').catch(() => undefined);
    await this.api.get('/apps/catalog').catch(() => undefined);
    const origins = (await server)?.app_origins;
    if (!origins) return;
    this.origins = origins;
    localStorage.setItem(ORIGINS, JSON.stringify(origins));
    await this.read();
  }

  readonly read = rereads(async () => {
    const records = await this.sync.query(APPS);
    const own = records
      .map(parseApp)
      .map((app) => (app.kind === 'web' ? { ...app, origin: this.originOf(app) } : app))
      .sort((a, b) => a.installedAt - b.installedAt || (a.id < b.id ? -1 : 1))
      .filter((app) => app.id !== SETTINGS);
    const gone = this.value.filter((app) => app.id !== SETTINGS && !own.some((one) => one.id === app.id));
    this.set([settingsApp(t('settings.title')), ...own]);
    this.forget(gone.map((app) => app.id));
    void this.keeping.see(own);
  });

  private originOf({ id, origin, system }: App): string {
    return (system && this.handset.appOrigin(id)) || origin || (this.origins[id] ?? '');
  }
}
