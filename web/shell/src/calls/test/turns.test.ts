import { expect, it } from 'vitest';
import type { HandsetCall, Telephony } from '../../handset/states.ts';
import { Store } from '../../store.ts';
import { type AccountCall, begun } from '../accounts/states.ts';
import { Turns } from '../turns.ts';

const KEY = 'account:a';

class Accounts extends Store<AccountCall | undefined> {
  be(state: AccountCall['state'] | undefined, more: Partial<AccountCall> = {}): void {
    this.set(state && { ...begun('a', '@mei', 1), state, answered: 1, ...more });
  }

  async swap(key: string): Promise<void> {
    if (this.value?.key === key) this.be(this.value.state === 'held' ? 'active' : 'held');
  }
}

/** A handset whose modem does what it is asked after a while. */
class Handset {
  telephony = new Store<Telephony | undefined>(undefined);
  asked: string[] = [];
  holds = true;

  be(...states: HandsetCall['state'][]): void {
    const calls = states.map((state, at) => ({ id: `sim${at}`, number: '1', card: '', state }));
    this.telephony.set({ calls } as never);
  }

  swap = async (call: string): Promise<void> => {
    this.asked.push(call);
    if (!this.holds) throw new Error('not-supported');
  };
}

function world() {
  const [handset, accounts] = [new Handset(), new Accounts(undefined)];
  new Turns(handset, accounts).start();
  return { handset, accounts };
}

it.each(['dialing', 'active'] as const)('holds a call with an account while one by a card is %s', (state) => {
  const { handset, accounts } = world();
  accounts.be('active');
  handset.be(state);
  expect(accounts.value?.state).toBe('held');
});

it.each(['dialing', 'active'] as const)(
  'holds a call by a card, once, while one with an account is %s',
  (state) => {
    const { handset, accounts } = world();
    handset.be('active');
    accounts.be(state);
    accounts.be(state, { connected: true });
    expect(handset.asked).toEqual(['sim0']);
  },
);

it('holds the one that was answered while the other one rang out', () => {
  const { handset, accounts } = world();
  accounts.be('ringing-out');
  handset.be('active');
  expect([accounts.value?.state, handset.asked]).toEqual(['ringing-out', []]);
  accounts.be('active');
  expect(handset.asked).toEqual(['sim0']);
});

it('holds whichever gives way when the other one is taken up again', async () => {
  const { handset, accounts } = world();
  accounts.be('active');
  handset.be('active');
  await accounts.swap(KEY);
  expect([accounts.value?.state, handset.asked]).toEqual(['active', ['sim0']]);
  handset.be('held');
  handset.be('active');
  expect(accounts.value?.state).toBe('held');
});

it('takes up again what was held for a call that came to nothing', () => {
  const { handset, accounts } = world();
  accounts.be('active');
  handset.be('dialing');
  handset.be();
  expect(accounts.value?.state).toBe('active');
  handset.be('active');
  handset.be();
  expect(accounts.value?.state).toBe('held');
});

it('holds the call with an account where the network holds none', async () => {
  const { handset, accounts } = world();
  handset.holds = false;
  handset.be('active');
  accounts.be('active');
  await new Promise((done) => setTimeout(done));
  expect([accounts.value?.state, handset.asked]).toEqual(['held', ['sim0']]);
});

it('leaves two calls of one kind, and one that rings, to themselves', () => {
  const { handset, accounts } = world();
  handset.be('held', 'active');
  handset.be('active', 'held');
  accounts.be('ringing-in');
  accounts.be('active', { over: 'hung-up' });
  expect(handset.asked).toEqual([]);
});
