/** The apps that run in the cloud for this account. */

import type { Api } from '../deps.ts';
import { Store } from '../store.ts';
import type { Pictures } from './pictures.ts';

export interface RunningSession {
  session: string;
  app: string;
  state: string;
}

export class Running extends Store<readonly RunningSession[]> {
  constructor(
    private readonly api: Api,
    private readonly pictures: Pictures,
  ) {
    super([]);
  }

  /** Asks for them, and for their pictures; what was known stays where the cloud does not answer. */
  async read(): Promise<void> {
    const answer = await this.api.get<unknown>('/sessions').catch(() => undefined);
    if (answer === undefined) return;
    this.set(parseSessions(answer));
    await this.pictures.read(this.value);
  }
}

export function parseSessions(answer: unknown): RunningSession[] {
  const list = Array.isArray(answer) ? answer : ((answer as { sessions?: unknown }).sessions ?? []);
  if (!Array.isArray(list)) return [];
  return list.flatMap((one: unknown) => {
    const item = one as Record<string, unknown>;
    const session = item.session ?? item.session_id ?? item.id;
    const app = item.app ?? item.app_id;
    if (typeof session !== 'string' || typeof app !== 'string') return [];
    return [{ session, app, state: String(item.state ?? '') }];
  });
}
