/** How much of its room the account uses, as the cloud said it last. */

import type { Api } from '../deps.ts';
import { readKept } from '../phone/kept.ts';
import { Store } from '../store.ts';

const USAGE = 'pileus.usage';

/** Bytes. */
export interface Usage {
  used: number;
  limit: number;
  /** When the account was made, in milliseconds since 1970. */
  since?: number;
}

export class UsageStore extends Store<Usage | undefined> {
  constructor(private readonly api: Api) {
    super(readKept<Usage>(USAGE));
  }

  /** Asks for it; what was known stays where the cloud does not answer. */
  async read(): Promise<void> {
    type Answer = { quota_bytes?: number; used_bytes?: number; created_ms?: number };
    const answer = await this.api.get<Answer>('/account').catch(() => undefined);
    if (typeof answer?.used_bytes !== 'number' || typeof answer.quota_bytes !== 'number') return;
    const usage = { used: answer.used_bytes, limit: answer.quota_bytes, since: answer.created_ms };
    localStorage.setItem(USAGE, JSON.stringify(usage));
    this.set(usage);
  }
}
