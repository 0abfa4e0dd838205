import { afterEach, beforeEach, expect, test } from 'vitest';
import { appWith, World } from './world.ts';

let world: World;
beforeEach(() => {
  world = new World();
});
afterEach(() => world.close());

test('an app with the grant opens addresses of the web, after a press', async () => {
  const { phone } = world.open(appWith(['links']));
  await phone.openLink('HTTPS://Example.org/a?b#c');
  expect(world.opened).toEqual(['notes https://example.org/a?b#c']);
  world.touched = false;
  await expect(phone.openLink('https://example.org/')).rejects.toMatchObject({ code: 'not-pressed' });
  expect(world.opened).toHaveLength(1);
});

test.each([
  'javascript:alert(1)',
  'data:text/html,x',
  'file:///etc/passwd',
  'blob:https://example.org/1',
  'intent://example.org',
  '//example.org',
  '/x',
  'https://bank.example@evil.example/',
  `https://example.org/${'x'.repeat(2000)}`,
])('%s is no address of the web', async (url) => {
  const { phone } = world.open(appWith(['links']));
  await expect(phone.openLink(url)).rejects.toMatchObject({ code: 'bad-params' });
  expect(world.opened).toEqual([]);
});

test('an app in front leads to the conversation with somebody', async () => {
  const { phone } = world.open(appWith(['links']));
  await phone.writeTo('+49 30 1', 'Anna');
  expect(world.opened).toEqual(['messages']);
  world.turn('mail');
  await expect(phone.writeTo('1')).rejects.toMatchObject({ code: 'not-in-front' });
  const { phone: other } = world.open(appWith(['telephony']));
  await expect(other.writeTo('1')).rejects.toMatchObject({ code: 'not-granted' });
});
