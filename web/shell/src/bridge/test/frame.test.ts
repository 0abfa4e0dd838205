import { expect, test } from 'vitest';
import { onNote, originOf } from '../frame.ts';
import { appWith } from './world.ts';

const ORIGIN = 'http://notes.apps.pileus.localhost:8080';

class Target extends EventTarget {
  say(origin: string, source: unknown, data: unknown): void {
    this.dispatchEvent(Object.assign(new Event('message'), { origin, source, data }));
  }
}

test('only the app’s own window at its own origin is heard', () => {
  const own = {};
  const target = new Target();
  const heard: string[] = [];
  const off = onNote({ contentWindow: own }, ORIGIN, (word) => heard.push(word), target as unknown as Window);
  const ready = { pileus: 'ready', version: 1 };
  target.say('http://evil.test', own, ready);
  target.say(ORIGIN, {}, ready);
  target.say('null', own, ready);
  target.say(ORIGIN, own, { pileus: 'ready', version: 2 });
  target.say(ORIGIN, own, 'ready');
  target.say(ORIGIN, own, null);
  expect(heard).toEqual([]);
  target.say(ORIGIN, own, ready);
  expect(heard).toEqual(['ready']);
  off();
  target.say(ORIGIN, own, ready);
  expect(heard).toEqual(['ready']);
});

test('a frame that is gone hears nobody', () => {
  const target = new Target();
  const heard: string[] = [];
  onNote({ contentWindow: null }, ORIGIN, (word) => heard.push(word), target as unknown as Window);
  target.say(ORIGIN, null, { pileus: 'ready', version: 1 });
  expect(heard).toEqual([]);
});

test('an app has an origin of its own, or is not framed', () => {
  const at = (origin: string) => () => originOf({ ...appWith([]), origin }, 'http://pileus.localhost:8080');
  expect(at(`${ORIGIN}/path`)()).toBe(ORIGIN);
  for (const bad of [
    'http://pileus.localhost:8080',
    'http://PILEUS.localhost:8080/x',
    'javascript:alert(1)',
    'data:text/html,x',
    '',
  ])
    expect(at(bad), bad).toThrow();
});
