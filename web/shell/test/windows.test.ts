import { describe, expect, it } from 'vitest';
import { atRest, springStep } from '../../kit/src/theme/motion.ts';
import { cardOf } from '../src/windows/cards.ts';
import { bottomSwipe, edgeSwipe, Finger } from '../src/windows/gesture.ts';
import { awake, CLOSED, front, openerOf, type Step, step } from '../src/windows/windows.ts';

const after = (...steps: Step[]) => steps.reduce(step, CLOSED);
const trace = { dx: 0, dy: 0, vx: 0, vy: 0, rested: 0 };

describe('windows', () => {
  it('come to the front once, most recent first', () => {
    const windows = after({ type: 'open', app: 'a' }, { type: 'open', app: 'b' }, { type: 'open', app: 'a' });
    expect(windows.order).toEqual(['a', 'b']);
    expect(front(windows)).toBe('a');
  });

  it('stay open behind home and recents', () => {
    const windows = after({ type: 'open', app: 'a' }, { type: 'home' });
    expect(front(windows)).toBeUndefined();
    expect(front(step(step(windows, { type: 'recents' }), { type: 'leave-recents' }))).toBe('a');
  });

  it('let only the one in front draw', () => {
    const windows = after({ type: 'unlock' }, { type: 'open', app: 'b' }, { type: 'open', app: 'a' });
    expect(awake(windows)).toBe('a');
    expect(awake(step(windows, { type: 'recents' }))).toBeUndefined();
    expect(awake(step(windows, { type: 'home' }))).toBeUndefined();
    expect(awake(step(windows, { type: 'lock' }))).toBeUndefined();
  });

  it('give way to home when the front one closes or is uninstalled', () => {
    const windows = after({ type: 'open', app: 'b' }, { type: 'open', app: 'a' });
    expect(step(windows, { type: 'close', app: 'a' })).toMatchObject({ view: 'home', order: ['b'] });
    expect(step(windows, { type: 'keep', apps: ['a'] })).toMatchObject({ view: 'app', order: ['a'] });
  });

  it('know which app had them opened, until it closes or the owner opens them', () => {
    const opened = after({ type: 'open', app: 'a' }, { type: 'open', app: 'b', by: 'a' });
    expect(openerOf(opened, 'b')).toBe('a');
    expect(openerOf(step(opened, { type: 'close', app: 'a' }), 'b')).toBeUndefined();
    expect(openerOf(step(opened, { type: 'open', app: 'b' }), 'b')).toBeUndefined();
    expect(openerOf(step(opened, { type: 'open', app: 'b', by: 'b' }), 'b')).toBeUndefined();
  });

  it('leave recents for home when none is open', () => {
    expect(after({ type: 'recents' }, { type: 'leave-recents' }).view).toBe('home');
  });
});

describe('gestures', () => {
  it('tell a flick home from a pause to recents and a nudge', () => {
    expect(bottomSwipe({ ...trace, dy: -120, vy: -0.9 }, 844)).toBe('home');
    expect(bottomSwipe({ ...trace, dy: -160, rested: 200 }, 844)).toBe('recents');
    expect(bottomSwipe({ ...trace, dy: -12 }, 844)).toBe('stay');
    expect(bottomSwipe({ ...trace, dx: 140 }, 844)).toBe('switch');
  });

  it('take an edge swipe only when it went somewhere', () => {
    expect(edgeSwipe({ ...trace, dx: 80 })).toBe(true);
    expect(edgeSwipe({ ...trace, dx: 5, vx: 2 })).toBe(false);
  });

  it('measure speed over the last moments and rest since the last move', () => {
    const finger = new Finger(0, 500, 0);
    for (let time = 10; time <= 100; time += 10) finger.move(0, 500 - time, time);
    expect(finger.trace(100).vy).toBeCloseTo(-1, 1);
    expect(finger.trace(400).rested).toBe(300);
  });
});

describe('springs', () => {
  it('come to rest where they should, whatever the frame rate', () => {
    for (const rate of [30, 60, 144]) {
      let state = { value: 0, velocity: 0 };
      for (let frame = 0; frame < rate * 2; frame++) state = springStep(state, 100, 1 / rate);
      expect(atRest(state, 100, 0.3)).toBe(true);
    }
  });

  it('swing over by less than a twentieth', () => {
    let state = { value: 0, velocity: 0 };
    let most = 0;
    for (let frame = 0; frame < 120; frame++) {
      state = springStep(state, 100, 1 / 60);
      most = Math.max(most, state.value);
    }
    expect(most).toBeLessThan(105);
  });
});

describe('cards', () => {
  it.each([
    { height: 844, form: 'phone', strip: 206 },
    { height: 800, form: 'phone', strip: 206 },
    { height: 820, form: 'tablet', strip: 206 },
    { height: 844, form: 'phone', strip: 96 },
  ] as const)('lie between the clock and the strip with their titles: %o', (room) => {
    const { scale, y } = cardOf(room);
    const bottom = room.height / 2 + y + (scale * room.height) / 2;
    const title = bottom - scale * (room.height + 64);
    expect(bottom).toBeLessThanOrEqual(room.height - room.strip - 8);
    expect(title).toBeGreaterThan(43.9);
    expect(scale).toBeGreaterThan(0.5);
  });

  it('are as large as ever without a strip', () => {
    expect(cardOf({ height: 844, form: 'phone', strip: 0 }).scale).toBe(0.68);
  });
});
