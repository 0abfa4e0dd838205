/** How the cloud is asked about a call, where what it says may be lost on the way. */

import type { Api } from '../../deps.ts';
import { Problem } from '../../session/problem.ts';

const AGAIN_MS = 1500;
/** The cloud answers after 15 s, and ends a call after 40 s without a question. */
const WAIT_MS = 25_000;
/** So often is asked what nobody may have heard: as long as a call rings. */
const MOST_TIMES = 30;

export type Later = (act: () => void, ms: number) => unknown;

export class Asks {
  constructor(
    private readonly api: Pick<Api, 'post' | 'send'>,
    private readonly later: Later,
  ) {}

  /** Asks again what nobody may have heard, for a while; the cloud takes what it was asked twice as asked once. */
  async insist<T>(path: string, body: object, goesOn: () => boolean = () => true): Promise<T> {
    for (let left = MOST_TIMES; ; left -= 1) {
      try {
        return await this.api.post<T>(path, body);
      } catch (error) {
        if (isRefused(error) || isPaced(error) || left <= 1 || !goesOn()) throw error;
        await this.pause();
        if (!goesOn()) throw error;
      }
    }
  }

  /** A question that waits at the cloud; one that hangs on a network that is gone is given up before the cloud takes
   * this device for gone. */
  async news<T>(path: string): Promise<T> {
    const init = { signal: AbortSignal.timeout(WAIT_MS) };
    return (await this.api.send('GET', path, undefined, init)).json() as Promise<T>;
  }

  /** `id`: the cloud's, or the one that this device chose. */
  async end(id: string, reason: string): Promise<void> {
    try {
      await this.insist(`/calls/${id}/end`, { reason });
    } catch (error) {
      if (!isOver(error)) throw error;
    }
  }

  pause(): Promise<void> {
    return new Promise((done) => void this.later(done, AGAIN_MS));
  }
}

/** The cloud says that this call is none of this device's any more. */
export function isOver(error: unknown): boolean {
  const code = error instanceof Problem ? error.code : '';
  return code === 'no-call' || code === 'call-over' || code === 'call-elsewhere';
}

/** Asked again it would say the same. */
export function isRefused(error: unknown): boolean {
  return error instanceof Problem && error.status >= 400 && error.status < 500 && !isPaced(error);
}

/** Too often: asked later, it would say something else. */
function isPaced(error: unknown): boolean {
  return error instanceof Problem && error.status === 429;
}
