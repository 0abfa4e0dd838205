import type { ReactiveController, ReactiveControllerHost } from 'lit';

const MINUTE = 60_000;
/** A timer may fire a little early; just before the minute it would draw the old one. */
const LATE = 20;

/**
 * Draws its element again at each minute, and when the page is looked at again: in a hidden page, or a
 * device that slept, no timer is kept. What it draws it computes then, from the clock.
 */
export class Minutes implements ReactiveController {
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly host: ReactiveControllerHost) {
    host.addController(this);
  }

  hostConnected(): void {
    document.addEventListener('visibilitychange', this.look);
    this.wait();
  }

  hostDisconnected(): void {
    document.removeEventListener('visibilitychange', this.look);
    clearTimeout(this.timer);
  }

  private readonly look = (): void => {
    if (document.visibilityState === 'hidden') return;
    this.host.requestUpdate();
    this.wait();
  };

  private wait(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(this.tick, MINUTE - (Date.now() % MINUTE) + LATE);
  }

  private readonly tick = (): void => {
    this.host.requestUpdate();
    this.wait();
  };
}
