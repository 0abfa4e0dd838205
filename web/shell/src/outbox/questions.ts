/** What is asked of the cloud for a letter: within a time limit each, and until the session ends. */

import type { Api } from '../deps.ts';
import type { Letter } from './kept.ts';

/** No answer after so long is none. */
const ANSWER_MS = 60_000;
/** A picture has so much longer for each byte (8 KB a second): whoever brings one holds up what waits behind it. */
const BYTE_MS = 1 / 8;

/** `state` of a message that waits here: "waiting". */
export interface Sent {
  message: string;
  state: string;
}

export class Questions {
  private readonly ending = new AbortController();

  constructor(private readonly api: Pick<Api, 'send'>) {}

  /** From now on none is answered. */
  end(): void {
    this.ending.abort();
  }

  get ended(): boolean {
    return this.ending.signal.aborted;
  }

  /** Has the cloud keep the pictures; brought again they are the same ones, and nothing of the message has left. */
  async bring(letter: Letter, onBrought: (count: number) => void): Promise<Letter> {
    if (letter.parts.length === letter.files.length) return letter;
    const headers = { 'Content-Type': 'application/octet-stream' };
    const parts: Letter['parts'] = [];
    for (const { blob, name } of letter.files) {
      const signal = this.within(ANSWER_MS + blob.size * BYTE_MS);
      const answer = await this.api.send('POST', '/messages/parts', undefined, {
        body: blob,
        headers,
        signal,
      });
      const { object } = (await answer.json()) as { object?: unknown };
      if (typeof object !== 'string') throw new Error('This is no answer of the cloud.');
      parts.push({ object, name });
      onBrought(parts.length);
    }
    return { ...letter, parts };
  }

  /** Rejects, too, where a network answers with a page of its own. */
  async ask({ id, people, body, sim, contact, region, parts }: Letter): Promise<Sent> {
    const wish = {
      id,
      people,
      body,
      sim,
      contact,
      region,
      ...(parts.length > 0 ? { parts } : {}),
    };
    const signal = this.within(ANSWER_MS);
    const sent = (await (await this.api.send('POST', '/messages/send', wish, { signal })).json()) as Sent;
    if (sent?.message !== id) throw new Error('This is no answer of the cloud.');
    return sent;
  }

  private within(ms: number): AbortSignal {
    return AbortSignal.any([AbortSignal.timeout(Math.ceil(ms)), this.ending.signal]);
  }
}
