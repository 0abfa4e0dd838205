/** The way of a letter past its cloud: by this handset's own card. */

import type { Handset } from '../handset/handset.ts';
import type { Telephony } from '../handset/states.ts';
import type { Letter } from './kept.ts';

/** What the daemon knows of a letter that it was handed. */
export interface Standing {
  state: string;
  error: string;
}

export interface OwnCard {
  /** Whether it could leave now. */
  takes(letter: Letter): boolean;
  /** Resolves to its state once it is written down there: `kept` where the account has it. */
  send(letter: Letter, repeated: boolean): Promise<string>;
  decide(id: string, decision: Decision): Promise<void>;
  /** Those that the account does not have yet, by id; undefined while the daemon is away. */
  standing(): ReadonlyMap<string, Standing> | undefined;
  watch(listener: () => void): () => void;
}

export type Decision = 'again' | 'sent' | 'cancel';

const NUMBER = /^\+?[0-9*#]{1,40}$/;
const NOT_DIALLED = /[\s().\-/\u2010-\u2015]+/g;
const REACHED: ReadonlySet<string> = new Set(['home', 'roaming']);

/** A text to numbers, by a card that is here and has a network. Pure. */
export function goesByCard(letter: Letter, telephony: Telephony | undefined): boolean {
  if (!telephony || telephony.airplane || letter.files.length > 0 || !letter.body.trim()) return false;
  if (!letter.people.every((person) => NUMBER.test(person.replace(NOT_DIALLED, '')))) return false;
  return telephony.modems.some(
    ({ messages, registration, lock, card }) =>
      messages && REACHED.has(registration) && !lock && card && (!letter.sim || letter.sim === card),
  );
}

export function ownCard(handset: Handset, account: string): OwnCard {
  return {
    takes: (letter) => handset.account === account && goesByCard(letter, handset.telephony.value),
    send: async ({ id, people, body, sim, contact, region, made_ms }, repeated) => {
      const wish = { id, account, people, body, card: sim, contact: contact.slice(0, 120), region, made_ms };
      return (await handset.sendLetter({ ...wish, repeated })).state;
    },
    decide: (id, decision) => handset.decide(id, decision),
    standing: () => (handset.account === account ? handset.telephony.value?.letters : undefined),
    watch: (listener) => handset.telephony.watch(listener),
  };
}
