/** What the shade says of messages that could not leave. */

import { problemWords, t } from '../../../kit/src/i18n/index.ts';
import type { Notices } from '../deps.ts';
import type { Letter } from './kept.ts';

/** The app that they are of. */
const APP = 'messages';

export class Warnings {
  constructor(
    private readonly notices: Pick<Notices, 'post' | 'clear'>,
    /** The app that is looked at: it shows by itself what became of a message. */
    private readonly front: () => string | undefined,
    private readonly now: () => number,
  ) {}

  post({ id, contact, people }: Letter, error: unknown): void {
    if (this.front() === APP) return;
    const { code, detail } = wordsOf(error);
    const title = t('notices.not-sent', { name: contact || people.join(', ') });
    const text = problemWords(code, detail);
    this.notices.post({ key: keyOf(id), app: APP, title, text, when: this.now() });
  }

  clear(id: string): void {
    this.notices.clear(APP, keyOf(id));
  }
}

/** What a problem says of itself, "" for what it does not. */
export function wordsOf(error: unknown): { code: string; detail: string } {
  const { code, detail } = (error ?? {}) as { code?: unknown; detail?: unknown };
  return {
    code: typeof code === 'string' ? code : '',
    detail: typeof detail === 'string' ? detail : '',
  };
}

function keyOf(id: string): string {
  return `letter-${id}`;
}
