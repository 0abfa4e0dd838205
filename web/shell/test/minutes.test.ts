import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Minutes } from '../src/status/minutes.ts';

class Page extends EventTarget {
  visibilityState: 'visible' | 'hidden' = 'visible';
  show(state: 'visible' | 'hidden'): void {
    this.visibilityState = state;
    this.dispatchEvent(new Event('visibilitychange'));
  }
}

let page: Page;
beforeEach(() => {
  page = new Page();
  vi.useFakeTimers({ now: new Date(2024, 4, 6, 9, 5, 30) });
  vi.stubGlobal('document', page);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** What a clock on the glass showed, one entry each time it was drawn. */
function clock(): { drawn: string[]; minutes: ReactiveController } {
  const drawn: string[] = [];
  const host = {
    addController: () => undefined,
    requestUpdate: () => void drawn.push(new Date().toTimeString().slice(0, 5)),
  } as unknown as ReactiveControllerHost;
  return { drawn, minutes: new Minutes(host) };
}

it('draws at each full minute', () => {
  const { drawn, minutes } = clock();
  minutes.hostConnected?.();
  vi.advanceTimersByTime(29_000);
  expect(drawn).toEqual([]);
  vi.advanceTimersByTime(62_000);
  expect(drawn).toEqual(['09:06', '09:07']);
  minutes.hostDisconnected?.();
  vi.advanceTimersByTime(120_000);
  expect(drawn).toHaveLength(2);
});

it('draws at once when the page is seen again after a sleep in which no timer went on', () => {
  const { drawn, minutes } = clock();
  minutes.hostConnected?.();
  page.show('hidden');
  vi.setSystemTime(new Date(2024, 4, 6, 11, 42, 10));
  page.show('visible');
  expect(drawn).toEqual(['11:42']);
  vi.advanceTimersByTime(51_000);
  expect(drawn).toEqual(['11:42', '11:43']);
});
