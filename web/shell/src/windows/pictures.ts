/** What frozen apps looked like when they were left, by app, as object URLs. */

import type { Api } from '../deps.ts';
import { Store } from '../store.ts';

interface Session {
  session: string;
  app: string;
  state: string;
}

/** What the cloud calls an app whose processes have ended and that comes back as it was. */
const FROZEN = 'paused';

export class Pictures extends Store<ReadonlyMap<string, string>> {
  private reading = 0;

  constructor(private readonly api: Api) {
    super(new Map());
  }

  /** Fetches those of the frozen ones among the sessions, and lets the others go. */
  async read(sessions: readonly Session[]): Promise<void> {
    const turn = ++this.reading;
    const frozen = sessions.filter((one) => one.state === FROZEN);
    const found = await Promise.all(frozen.map((one) => this.fetch(one)));
    if (turn === this.reading) this.keep(new Map(found.flat()));
  }

  forget(): void {
    this.reading++;
    this.keep(new Map());
  }

  /** An app without a picture, or one that runs again by now, is shown by its icon alone. */
  private async fetch({ session, app }: Session): Promise<[string, string][]> {
    try {
      const answer = await this.api.send('GET', `/sessions/${session}/picture`);
      return [[app, URL.createObjectURL(await answer.blob())]];
    } catch {
      return [];
    }
  }

  private keep(now: ReadonlyMap<string, string>): void {
    const before = this.value;
    this.set(now);
    for (const url of before.values()) URL.revokeObjectURL(url);
  }
}
