import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { afterEach, expect, it, vi } from 'vitest';
import { PageKeys } from '../keys.ts';

afterEach(() => vi.unstubAllGlobals());

it('takes keys while its element is there, and keeps others from those that it takes', () => {
  const page = new EventTarget();
  vi.stubGlobal('window', page);
  const offered: string[] = [];
  let keys: ReactiveController | undefined;
  const host = {
    addController: (one: ReactiveController) => (keys = one),
  } as unknown as ReactiveControllerHost;
  new PageKeys(host, ({ key }) => offered.push(key) > 0 && key === '5');
  const press = (key: string) => {
    const event = Object.assign(new Event('keydown', { cancelable: true }), { key });
    const stopped = vi.spyOn(event, 'stopPropagation');
    page.dispatchEvent(event);
    return [event.defaultPrevented, stopped.mock.calls.length > 0];
  };

  expect(press('1')).toEqual([false, false]); // not there yet
  keys!.hostConnected!();
  expect(press('5')).toEqual([true, true]);
  expect(press('Tab')).toEqual([false, false]);
  keys!.hostDisconnected!();
  expect(press('5')).toEqual([false, false]);
  expect(offered).toEqual(['5', 'Tab']);
});
