/** Keys for what lies over all else: a call, a dial pad, the question for a card's code. */

import type { ReactiveController, ReactiveControllerHost } from 'lit';

const FIRST = { capture: true };

/** Offers the page's keys to an element while it is there, before all others; one that it takes goes nowhere else. */
export class PageKeys implements ReactiveController {
  constructor(
    host: ReactiveControllerHost,
    /** False for a key that it leaves to the others. */
    private readonly take: (event: KeyboardEvent) => boolean,
  ) {
    host.addController(this);
  }

  hostConnected(): void {
    window.addEventListener('keydown', this.hear, FIRST);
  }

  hostDisconnected(): void {
    window.removeEventListener('keydown', this.hear, FIRST);
  }

  private readonly hear = (event: KeyboardEvent): void => {
    if (!this.take(event)) return;
    event.preventDefault();
    event.stopPropagation();
  };
}
