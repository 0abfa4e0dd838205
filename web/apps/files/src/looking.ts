/** Nothing tells a device of all that is shared with its account – with its family, what is in a folder, what ends by
 * its time: that is looked for while the app is looked at. */

import type { ReactiveController, ReactiveControllerHost } from 'lit';

const LOOK_MS = 5000;

/** Calls `look` now and then, and when the page is looked at again; never in one that nobody sees. */
export class Looking implements ReactiveController {
  private timer: ReturnType<typeof setInterval> | undefined;

  constructor(
    host: ReactiveControllerHost,
    private readonly look: () => void,
  ) {
    host.addController(this);
  }

  hostConnected(): void {
    this.timer = setInterval(this.seen, LOOK_MS);
    document.addEventListener('visibilitychange', this.seen);
  }

  hostDisconnected(): void {
    clearInterval(this.timer);
    document.removeEventListener('visibilitychange', this.seen);
  }

  /** The frame of an app that is not shown has no size. */
  private seen = (): void => {
    if (document.visibilityState === 'visible' && window.innerWidth > 0) this.look();
  };
}
