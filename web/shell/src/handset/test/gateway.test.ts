import { expect, it } from 'vitest';
import { AGAIN, Gateway, MOST, PATIENCE_MS } from '../gateway.ts';
import { World } from './line.ts';

const ADDRESS = { port: 4711, token: 'a-token-of-the-test' };

function gateway() {
  const world = new World();
  const heard: unknown[] = [];
  const one = new Gateway(
    ADDRESS,
    {
      states: (changed) => heard.push(changed),
      event: (of, name, data) => heard.push([of, name, data]),
      lost: () => heard.push('lost'),
    },
    world.connect,
    world.timers,
  );
  one.start();
  return { world, heard, one };
}

it('says its token first, and hears states and news', () => {
  const { world, heard } = gateway();
  const line = world.up({ lamp: { on: true } });
  expect(line.url).toBe('ws://127.0.0.1:4711');
  expect(line.sent).toEqual([{ token: ADDRESS.token }]);
  line.say({ state: { lamp: { on: false } } });
  line.say({ event: { of: 'lamp', name: 'broke', data: { why: 'old' } } });
  expect(heard).toEqual([{ lamp: { on: true } }, { lamp: { on: false } }, ['lamp', 'broke', { why: 'old' }]]);
});

it('gives each question its own answer, in any order', async () => {
  const { world, one } = gateway();
  const line = world.up();
  const [first, second] = [one.ask('lamp', 'turn', { on: true }), one.ask('lamp', 'break')];
  expect(line.asked[0]).toEqual({ id: 1, of: 'lamp', method: 'turn', params: { on: true } });
  line.say({ id: 2, error: { code: 'lamp-broken', detail: 'It is broken.' } });
  line.say({ id: 1, result: 7 });
  line.say({ id: 1, result: 8 });
  line.say({ id: 99, result: 9 });
  expect(await first).toBe(7);
  await expect(second).rejects.toMatchObject({ code: 'lamp-broken', detail: 'It is broken.' });
});

it('refuses what cannot be asked: before it is there, too much at once, and what is never answered', async () => {
  const { world, one } = gateway();
  await expect(one.ask('lamp', 'turn')).rejects.toMatchObject({ code: 'handset-gone' });
  world.up();
  const asked = Array.from({ length: MOST }, () => one.ask('lamp', 'turn'));
  await expect(one.ask('lamp', 'turn')).rejects.toMatchObject({ code: 'too-many-requests' });
  expect(world.pass()).toBe(PATIENCE_MS);
  await expect(asked[0]).rejects.toMatchObject({ code: 'handset-gone' });
  world.line.close();
  const rest = await Promise.allSettled(asked);
  expect(rest.every(({ status }) => status === 'rejected')).toBe(true);
});

it('comes back by itself: at once after a break, ever later while nobody is there', () => {
  const { world, heard } = gateway();
  world.up({ lamp: {} });
  world.line.close();
  expect(heard).toEqual([{ lamp: {} }]); // what was shown stays for this try
  const waited = [];
  for (let count = 0; count < AGAIN.length + 1; count++) {
    waited.push(world.pass());
    world.line.close();
  }
  expect(waited).toEqual([...AGAIN, AGAIN.at(-1)]);
  expect(heard.slice(1)).toEqual(Array(AGAIN.length + 1).fill('lost'));
  world.pass();
  world.up({ lamp: { on: true } });
  world.line.close();
  expect(world.pass()).toBe(AGAIN[0]);
});

it('hangs up on what is no message, and hears nothing of a line that it left', () => {
  const { world, heard } = gateway();
  for (const text of ['{', '[]', '"hello"', `{"state":{"a":"${'x'.repeat(1 << 20)}"}}`]) {
    const { line } = world;
    line.say(text);
    world.pass();
    expect(world.line).not.toBe(line);
    line.say({ state: { lamp: {} } });
  }
  expect(heard).toEqual(Array(4).fill('lost'));
});

it('ends when it is stopped', () => {
  const { world, heard, one } = gateway();
  world.up();
  one.stop();
  expect(heard.at(-1)).toBe('lost');
  expect(world.waits).toEqual([]);
});
