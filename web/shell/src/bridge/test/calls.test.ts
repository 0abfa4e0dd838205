import { afterEach, beforeEach, expect, it } from 'vitest';
import { appWith, World } from './world.ts';

let world: World;
beforeEach(() => {
  world = new World();
});
afterEach(() => world.close());

it('deletes chosen calls at once and brings them back as they were', async () => {
  const { phone } = world.open(appWith(['records:messages.call:write']));
  const call = { kind: 'in', address: '1', date_ms: 1 };
  for (const id of ['a', 'b', 'c']) await phone.records.put('messages.call', id, call);
  const gone = await phone.calls.delete(['a', 'c', 'unknown']);
  expect(gone).toEqual({ a: call, c: call });
  expect((await phone.records.query('messages.call')).map(({ id }) => id)).toEqual(['b']);
  await phone.calls.restore(gone);
  expect((await phone.records.query('messages.call')).map(({ id }) => id).sort()).toEqual(['a', 'b', 'c']);
});

it('lets no app delete that may only read the list', async () => {
  const { phone } = world.open(appWith(['records:messages.call:read', 'telephony', 'messages']));
  await expect(phone.calls.delete(['a'])).rejects.toMatchObject({ code: 'not-granted' });
  await expect(phone.calls.restore({})).rejects.toMatchObject({ code: 'not-granted' });
});
