/** Which app lies where on the home screen, and what is behind it: records, the same on all devices. */

import { rereads } from '../../../kit/src/rereads.ts';
import type { Sync } from '../../../kit/src/sync/types.ts';
import type { App } from '../deps.ts';
import { isSky, type SkyName } from '../sky/sky.ts';
import { Store } from '../store.ts';
import { arrange, type Grid, type Layout, PHONE, type Place, parsePlace, TABLET } from './layout.ts';

const HOME = 'shell.home';
const LOOK = 'look';

export class HomeScreen {
  readonly places = new Store<ReadonlyMap<string, Place>>(new Map());
  readonly sky = new Store<SkyName>('noon');

  constructor(
    private readonly sync: Pick<Sync, 'query' | 'put' | 'subscribe'>,
    private readonly apps: Store<readonly App[]>,
    private readonly form: Store<'phone' | 'tablet'>,
  ) {}

  start(): () => void {
    return this.sync.subscribe(HOME, () => void this.read());
  }

  readonly read = rereads(async () => {
    const records = await this.sync.query(HOME);
    const places = new Map<string, Place>();
    for (const record of records) {
      const found = parsePlace(record);
      if (found) places.set(record.id, found);
      if (record.id === LOOK && isSky(record.fields.wallpaper)) this.sky.set(record.fields.wallpaper);
    }
    this.places.set(places);
  });

  grid(): Grid {
    return this.form.value === 'phone' ? PHONE : TABLET;
  }

  layout(): Layout {
    return arrange(
      this.apps.value.map((app) => app.id),
      this.places.value,
      this.grid(),
    );
  }

  /** Keeps the places that changed; each is one record, so that two devices merge icon by icon. */
  async keep(places: ReadonlyMap<string, Place>): Promise<void> {
    const before = this.places.value;
    this.places.set(places);
    for (const [app, to] of places) {
      const was = before.get(app);
      if (was && was.area === to.area && was.page === to.page && was.cell === to.cell) continue;
      await this.sync.put(HOME, app, { area: to.area, page: to.page, cell: to.cell });
    }
  }

  async chooseSky(name: SkyName): Promise<void> {
    this.sky.set(name);
    await this.sync.put(HOME, LOOK, { wallpaper: name });
  }
}
