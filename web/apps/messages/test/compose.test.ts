import { expect, test } from 'vitest';
import { MessageCompose } from '../src/compose.ts';

interface Inner {
  body: string;
  changed: boolean;
  failed: string;
  busy: boolean;
  pictures: { file: File }[];
}

/** The line by itself, without a page, and the drafts that it keeps. */
function line(drafts: { [thread: string]: string }, thread: string) {
  const made = new MessageCompose();
  const messages = {
    draft: async (id: string) => drafts[id] ?? '',
    keepDraft: async (id: string, _people: string[], body: string) => {
      drafts[id] = body;
    },
  };
  Object.assign(made, { phone: { messages }, thread, people: ['@lin', '@bo'] });
  Object.defineProperty(made, 'area', { value: { focus: () => undefined } });
  Object.defineProperty(made, 'isConnected', { value: true, writable: true });
  const inner = made as unknown as Inner;
  const rename = async (to: string) => {
    made.thread = to;
    made.willUpdate(new Map([['thread', thread]]));
    await expect.poll(() => drafts[thread]).toBe('');
  };
  const type = (body: string) => Object.assign(inner, { body, changed: true });
  return { made, inner, rename, type };
}

test('what is typed goes along when the conversation gets its name, before and after it is kept', async () => {
  for (const kept of ['', 'And']) {
    const drafts: { [thread: string]: string } = { here: kept };
    const { inner, rename, type } = line(drafts, 'here');
    type('And then');
    await rename('cloud');
    expect(inner.body).toBe('And then');
    expect(drafts).toEqual({ here: '', cloud: 'And then' });
  }
});

test('a draft that is under the new name already stays, below what is typed', async () => {
  const drafts: { [thread: string]: string } = { here: '', cloud: 'From the tablet' };
  const { rename, type } = line(drafts, 'here');
  type('And then ');
  await rename('cloud');
  expect(drafts.cloud).toBe('And then\nFrom the tablet');
});

test('drafts are kept in the order in which they were written', async () => {
  const drafts: { [thread: string]: string } = {};
  const { made, type } = line(drafts, 'here');
  let first = () => {};
  const { keepDraft } = made.phone.messages;
  made.phone.messages.keepDraft = async (...words) => {
    made.phone.messages.keepDraft = keepDraft;
    await new Promise<void>((done) => (first = done));
    await keepDraft(...words);
  };
  type('Hi');
  const kept = [made.keep()];
  await Promise.resolve();
  type('');
  kept.push(made.keep());
  first();
  await Promise.all(kept);
  expect(drafts.here).toBe('');
});

test('what is taken back comes into the line whole', async () => {
  const drafts: { [thread: string]: string } = {};
  const { made, inner } = line(drafts, 'here');
  inner.body = 'Meanwhile';
  expect(await made.bringBack('Hi', pictures(6))).toBe(true);
  expect(inner.pictures.map(({ file }) => file)).toHaveLength(6);
  expect(drafts.here).toBe('Meanwhile\nHi');
});

test('what has no place in the line is not taken back, and nothing of it is there', async () => {
  const busy = { busy: true, failed: 'messages.back-busy' };
  const full = { pictures: pictures(6).map((file) => ({ file })), failed: 'messages.back-full' };
  const left = { isConnected: false, failed: '' };
  for (const { failed, ...state } of [busy, full, left]) {
    const drafts = {};
    const { made, inner } = line(drafts, 'here');
    Object.assign(made, state);
    const before = inner.pictures;
    expect(await made.bringBack('Hi', pictures(6)), failed).toBe(false);
    expect([inner.body, inner.failed, inner.pictures, drafts]).toEqual(['', failed, before, {}]);
  }
  const { made, inner } = line({}, 'here');
  inner.busy = true;
  expect(await made.bringBack('Only a text', [])).toBe(true);
});

function pictures(count: number): File[] {
  return Array.from({ length: count }, (_, at) => new File([], `${at}.png`));
}
