import { BridgeError, type Telephony } from '../../../../sdk/src/protocol.ts';
import { accountOf } from '../../calls/accounts/states.ts';
import { canCall } from '../../calls/rules.ts';
import type { Handset } from '../../handset/handset.ts';
import { bad, type Params, text } from '../shapes.ts';
import type { Method, Turn } from './index.ts';

const NUMBER = /^[+0-9*#\s().\-/\u2010-\u2015]{1,60}$/;
const CODE = /^[0-9*#]{1,182}$/;
const CARD = /^[0-9A-Za-z]{0,40}$/;
const allowed: Method['allowed'] = (may) => may.has('telephony');

/** Calling. What becomes of a call is the shell's to show, over every app: none sees or ends another one's. */
export const telephonyMethods: Record<string, Method> = {
  'telephony.state': { allowed, run: ({ deps }) => telephonyState(deps.handset) },
  'telephony.dial': {
    allowed,
    run: async (turn, params) => {
      const account = accountOf(text(params, 'number', 200));
      if (account) return inFront(turn).accountCalls.dial(account);
      const [number, card] = [matching(params, 'number', NUMBER), matching(params, 'card', CARD)];
      return ready(turn).dial(number, card);
    },
  },
  'telephony.ussd': {
    allowed,
    run: async (turn, params) => {
      const [code, card] = [matching(params, 'code', CODE), matching(params, 'card', CARD)];
      return ready(turn).ussd(code, card);
    },
  },
  'telephony.ussdCancel': { allowed, run: (turn) => ready(turn).ussdCancel() },
};

/** What an app that calls has to know of the device, and no more. */
export function telephonyState({ telephony: { value } }: Pick<Handset, 'telephony'>): Telephony {
  const modems = value?.modems.filter(({ calls, card, lock }) => calls && card && !lock) ?? [];
  return {
    present: canCall(value),
    airplane: value?.airplane ?? false,
    cards: modems.map(({ card, label, operator, number }) => ({ card, label: label || operator, number })),
  };
}

function ready(turn: Turn): Handset {
  const { handset } = turn.deps;
  if (!handset.telephony.value) throw new BridgeError('no-handset', 'This device does not call.');
  inFront(turn);
  return handset;
}

/** Only who is looked at calls: an app in the background costs its owner nothing. */
function inFront({ app, deps }: Turn): Turn['deps'] {
  if (deps.front() !== app.id) throw new BridgeError('not-in-front', 'Only the app in front may call.');
  return deps;
}

function matching(params: Params, name: string, form: RegExp): string {
  const found = text(params, name, 200);
  if (!form.test(found)) throw bad(`${name} has another form`);
  return found;
}
