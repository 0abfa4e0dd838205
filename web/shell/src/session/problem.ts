/** What went wrong, from `application/problem+json` (RFC 9457) or from the network. */

import { problemWords, t } from '../../../kit/src/i18n/index.ts';

export class Problem extends Error {
  constructor(
    readonly code: string,
    readonly detail: string,
    readonly status = 0,
  ) {
    super(detail || code);
    this.name = 'Problem';
  }

  /** One sentence for the owner: our own words for the codes that we know, else the server's. */
  words(): string {
    return problemWords(this.code, this.detail);
  }
}

export async function readProblem(response: Response): Promise<Problem> {
  const body: unknown = await response.json().catch(() => ({}));
  const fields = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>;
  const text = (name: string) => (typeof fields[name] === 'string' ? (fields[name] as string) : '');
  const code = text('code') || (response.status >= 500 ? 'unavailable' : `http-${response.status}`);
  return new Problem(code, text('detail') || text('title'), response.status);
}

export function words(error: unknown): string {
  return error instanceof Problem ? error.words() : t('problem.unknown');
}
