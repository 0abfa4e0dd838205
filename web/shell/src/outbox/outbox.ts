/** What is sent from this phone: at once where the cloud is reached, else by itself when it is again, and never twice. */

import type { Sync } from '../../../kit/src/sync/types.ts';
import type { Api, Notices } from '../deps.ts';
import { type Alone, locked } from './alone.ts';
import type { Decision, OwnCard } from './card.ts';
import { forgetDraft } from './draft.ts';
import { Handing } from './handing.ts';
import type { KeptLetters, Letter } from './kept.ts';
import { Questions, type Sent } from './questions.ts';
import { Retry } from './retry.ts';
import * as rules from './rules.ts';
import { handedOf, type Shown } from './shown.ts';
import { Warnings, wordsOf } from './warnings.ts';

const MESSAGES = 'messages.message';
/** Each time that it was unanswered so often again it goes behind the others: one that nobody can answer holds up no other. */
const BEHIND = 3;
/** The cloud had the message before, and its owner has changed or deleted it since. */
const KNOWN = 'message-known';

export type Wish = Pick<Letter, 'id' | 'thread' | 'people' | 'body' | 'sim' | 'contact' | 'region' | 'files'>;

type Brought = (count: number) => void;
type Outcome =
  | { kind: 'passed'; sent: Sent }
  | { kind: 'refused'; letter: Letter; error: unknown }
  /** `apart`: the others would fare no better. `late`: this one did not get through. */
  | { kind: 'apart' | 'late' | 'gone' };

/** One that is on its way while whoever wrote it looks on, and hears of a refusal. */
interface InHand {
  sent: Promise<Sent>;
  heard: () => boolean;
}

export class Outbox {
  private readonly listeners = new Set<() => void>();
  private readonly inHand = new Map<string, InHand>();
  private readonly flying = new Set<string>();
  /** Taken by the cloud; until their records are here. */
  private readonly passed = new Map<string, Letter>();
  /** Deleted last: what an undo brings back. */
  private readonly dropped = new Map<string, Letter>();
  private readonly unanswered = new Map<string, number>();
  private readonly lock: string;
  private readonly retry = new Retry(() => void this.flush());
  private off: () => void = () => undefined;
  private readonly cloud: Questions;
  private readonly warnings: Warnings;
  private tabs: BroadcastChannel | undefined;
  private readonly handing: Handing | undefined;

  constructor(
    api: Api,
    private readonly sync: Pick<Sync, 'get' | 'delete' | 'status' | 'onStatus' | 'ring'>,
    private readonly kept: KeptLetters,
    notices: Pick<Notices, 'post' | 'clear'>,
    account: string,
    /** The app that is looked at. */
    front: () => string | undefined = () => undefined,
    private readonly alone: Alone = locked,
    private readonly now: () => number = Date.now,
    /** Where this device has one of its own. */
    card?: OwnCard,
  ) {
    this.cloud = new Questions(api);
    this.warnings = new Warnings(notices, front, now);
    this.lock = `pileus-outbox-${account}`;
    this.handing =
      card &&
      new Handing(card, kept, (work) => alone(`${this.lock}-card`, work), {
        away: () => !this.stopped && !this.sync.status().online,
        changed: () => this.tell(),
        passed: async (letter) => {
          this.passed.set(letter.id, letter);
          if (!(await this.pass(letter))) this.passed.delete(letter.id);
        },
        failed: (letter, { state, error }) => this.warnings.post(letter, { code: error || state }),
      });
  }

  /** Sends what an earlier page left, and what waits whenever the cloud is reached again. */
  start(): void {
    this.tabs = new BroadcastChannel(this.lock);
    this.tabs.onmessage = () => this.tellHere();
    let before = false;
    this.off = this.sync.onStatus(({ online }) => {
      if (online && !before) void this.flush();
      before = online;
      void this.handing?.look();
    });
    this.handing?.start();
    before = this.sync.status().online;
    if (before) void this.flush(); // not earlier: what was asked in vain cannot be taken back any more
  }

  /** Signed out: from now on nothing is asked for, and no answer is waited for. */
  stop(): void {
    this.cloud.end();
    this.off();
    this.handing?.stop();
    this.retry.stop();
    this.tabs?.close();
    this.tabs = undefined;
  }

  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /**
   * Resolves when the cloud has the message, or when it is kept here ("waiting"), durably: from then on it goes out
   * by itself. Rejects where the cloud refuses it; nothing waits then, unless nobody hears of it any more (`heard`).
   * `onBrought` hears how many pictures it has.
   */
  async send(wish: Wish, onBrought: Brought = () => undefined, heard = () => true): Promise<Sent> {
    const made = { made_ms: this.now(), parts: [], code: '', detail: '' };
    const fresh: Letter = { ...wish, ...made, state: 'waiting' };
    let letter = fresh;
    let before: Letter[];
    try {
      before = (await this.kept.all()).filter((one) => one.id !== wish.id && rules.goes(one));
      letter = (await this.kept.change(wish.id, rules.written(fresh))).after ?? fresh;
    } catch {
      return this.cloud.ask(await this.cloud.bring(fresh, onBrought)); // without storage nothing can wait
    }
    const already = this.inHand.get(wish.id);
    if (already) return already.sent;
    if (this.stopped || this.apart || before.length > 0 || this.handing?.wants(letter))
      return this.leave(letter);
    const sent = this.sendNow(letter, onBrought, heard);
    this.inHand.set(wish.id, { sent, heard });
    return sent;
  }

  /** What is not among the messages yet, oldest first. */
  async letters(): Promise<Shown[]> {
    const kept = await this.kept.all().catch((): Letter[] => []);
    const all = new Map([...kept, ...this.passed.values()].map((one) => [one.id, one]));
    const shown: Shown[] = [];
    for (const [id, letter] of all) {
      const onItsWay = this.inHand.has(id) || this.flying.has(id);
      if (await this.sync.get(MESSAGES, id)) {
        this.passed.delete(id);
        // Or it stood here again once the message is deleted elsewhere.
        if (!onItsWay) await this.pass(letter).catch(() => undefined);
      } else if (letter.state === 'handed') shown.push(handedOf(letter, this.handing?.of(id)));
      else if (!this.inHand.get(id)?.heard())
        shown.push(onItsWay || this.passed.has(id) ? { ...letter, state: 'sending' } : letter);
    }
    return shown.sort((one, other) => one.made_ms - other.made_ms);
  }

  /** How many of them the cloud has not. */
  async waiting(): Promise<number> {
    const kept = await this.kept.all().catch((): Letter[] => []);
    return kept.filter(({ id }) => !this.inHand.get(id)?.heard()).length;
  }

  /** A picture of one that is not among the messages yet. */
  async picture(id: string, number: number): Promise<Blob | undefined> {
    const letter = this.passed.get(id) ?? (await this.kept.get(id).catch(() => undefined));
    return letter?.files[number]?.blob;
  }

  /** The message, which is not sent then, and is kept until `tookBack`; undefined where the cloud may have it. */
  async takeBack(id: string): Promise<Letter | undefined> {
    const { before } = await this.kept.change(id, rules.takenBack);
    if (!before || before.state === 'asked' || before.state === 'handed') return undefined;
    this.warnings.clear(id);
    this.tell();
    return before;
  }

  /** It is kept where it is written now. */
  async tookBack(id: string): Promise<void> {
    await this.kept.change(id, rules.tookBack);
    this.tell();
  }

  async tryAgain(id: string): Promise<void> {
    await this.kept.change(id, rules.again);
    this.warnings.clear(id);
    this.tell();
    void this.flush();
  }

  /** The owner's word about one that this handset sent; false where it is the cloud that has to hear it. */
  async decide(id: string, decision: Decision): Promise<boolean> {
    const letter = await this.kept.get(id).catch(() => undefined);
    if (letter?.state !== 'handed' || !this.handing?.of(id)) return false;
    this.warnings.clear(id);
    await this.handing.decide(id, decision);
    return true;
  }

  /** Deleted by their owner: none of them is asked for any more. What this handset's daemon has stays until it is a
   * message of the account. Gives the ids of those that there were. */
  async drop(which: (letter: Letter) => boolean): Promise<string[]> {
    const gone: Letter[] = [];
    const mine = (letter: Letter) => letter.state !== 'handed' && which(letter);
    for (const { id } of (await this.kept.all().catch((): Letter[] => [])).filter(mine)) {
      const { before } = await this.kept.change(id, rules.gone);
      if (before) gone.push(before);
      this.warnings.clear(id);
    }
    for (const [id, letter] of this.passed) if (which(letter)) this.passed.delete(id);
    if (gone.length > 0) this.dropped.clear();
    for (const letter of gone) this.dropped.set(letter.id, letter);
    this.tell();
    return gone.map(({ id }) => id);
  }

  /** Deleted ones again: nothing but their owner's word sends them. */
  async restore(ids: readonly string[]): Promise<void> {
    for (const id of ids) {
      const letter = this.dropped.get(id);
      if (letter) await this.kept.change(id, rules.restored(letter));
      this.dropped.delete(id);
    }
    if (ids.length > 0) this.tell();
  }

  /** Asks for all that waits, unless the cloud is known to be out of reach: then nothing may have left meanwhile. */
  async flush(): Promise<void> {
    if (this.apart || this.stopped) return;
    await this.alone(this.lock, async () => {
      const tried = new Set<string>();
      for (let left = await this.due(tried); left.length > 0; left = await this.due(tried)) {
        for (const id of left) {
          tried.add(id);
          if ((await this.fly(id)) === 'apart') return;
        }
      }
    });
  }

  private async due(tried: ReadonlySet<string>): Promise<string[]> {
    const behind = ({ id }: Letter) => Math.floor((this.unanswered.get(id) ?? 0) / BEHIND);
    const all = await this.kept.all().catch((): Letter[] => []);
    return all
      .filter((one) => rules.goes(one) && !this.inHand.has(one.id) && !tried.has(one.id))
      .sort((one, other) => behind(one) - behind(other) || one.made_ms - other.made_ms)
      .map(({ id }) => id);
  }

  private async fly(id: string): Promise<Outcome['kind']> {
    this.flying.add(id);
    this.tell();
    const outcome = await this.turn(id);
    this.flying.delete(id);
    if (outcome.kind === 'refused') this.warnings.post(outcome.letter, outcome.error);
    this.tell();
    return outcome.kind;
  }

  private async sendNow(letter: Letter, onBrought: Brought, heard: () => boolean): Promise<Sent> {
    try {
      const outcome = await this.alone(this.lock, () => this.turn(letter.id, onBrought));
      if (outcome.kind === 'passed') return outcome.sent;
      if (outcome.kind === 'gone') return { message: letter.id, state: 'waiting' }; // its text is somebody's draft by now
      if (outcome.kind !== 'refused') return await this.leave(letter, false);
      if (heard()) await this.kept.change(letter.id, rules.tookBack);
      else this.warnings.post(letter, outcome.error);
      throw outcome.error;
    } finally {
      this.inHand.delete(letter.id);
      this.tell();
    }
  }

  /** One question to the cloud, of whoever holds the lock. Before it leaves it is written down that it may have. */
  private async turn(id: string, onBrought: Brought = () => undefined): Promise<Outcome> {
    let found: Letter | undefined;
    let left = false;
    try {
      if (this.stopped) return { kind: 'apart' };
      found = await this.kept.get(id);
      if (!found || !rules.goes(found)) return { kind: 'gone' };
      const letter = await this.cloud.bring(found, onBrought);
      const { after } = await this.kept.change(id, rules.asked(letter.parts));
      if (!after || !rules.goes(after)) return { kind: 'gone' }; // deleted or taken back meanwhile
      left = true;
      const sent = await this.cloud.ask(letter);
      this.retry.answered();
      this.passed.set(id, letter);
      if (!(await this.pass(letter))) this.passed.delete(id);
      return { kind: 'passed', sent };
    } catch (error) {
      const late: Outcome = { kind: 'late' };
      const outcome = found ? await this.failed(found, left, error).catch(() => late) : late;
      if (outcome.kind === 'apart' || outcome.kind === 'late') this.retry.later();
      return outcome;
    }
  }

  private async failed(letter: Letter, left: boolean, error: unknown): Promise<Outcome> {
    const { id, state } = letter;
    const { code, detail } = wordsOf(error);
    if (code === KNOWN && state === 'asked') {
      await this.pass(letter);
      return { kind: 'passed', sent: { message: id, state: 'sent' } };
    }
    const said = rules.said(error, state);
    // What becomes of its pictures says nothing of a question that left before.
    if (said === 'refused' && (left || state !== 'asked')) {
      const { before } = await this.kept.change(id, rules.refused(code, detail));
      return before && before.state !== 'refused' ? { kind: 'refused', letter, error } : { kind: 'gone' };
    }
    if (left && said === 'passing') await this.kept.change(id, rules.passing(state));
    if (said !== 'passing') this.unanswered.set(id, (this.unanswered.get(id) ?? 0) + 1);
    return { kind: said === 'passing' || !rules.reached(error) ? 'apart' : 'late' };
  }

  /** False where it was here no more. */
  private async pass(letter: Letter): Promise<boolean> {
    const { before } = await this.kept.change(letter.id, rules.gone);
    this.unanswered.delete(letter.id);
    this.warnings.clear(letter.id);
    if (before) await forgetDraft(this.sync, letter);
    return before !== undefined;
  }

  /** It waits here. */
  private async leave(letter: Letter, soon = true): Promise<Sent> {
    await forgetDraft(this.sync, letter);
    this.tell();
    this.sync.ring();
    void this.handing?.look();
    if (soon && !this.apart) this.retry.later(0);
    return { message: letter.id, state: 'waiting' };
  }

  private get apart(): boolean {
    return this.sync.status().problem === 'offline';
  }

  private get stopped(): boolean {
    return this.cloud.ended;
  }

  private tell(): void {
    this.tabs?.postMessage('');
    this.tellHere();
  }

  private tellHere(): void {
    for (const listener of this.listeners) listener();
  }
}
