/** A long press, or a right click: what chooses an item on a phone. Browsers of some phones tell no `contextmenu`. */

const HOLD_MS = 500;
const STILL = 10;

/** Listeners for an item; `chosen` is called once a press. */
export class Hold {
  private timer = 0;
  private at: [number, number] = [0, 0];
  private taken = false;

  constructor(private readonly chosen: (id: string) => void) {}

  readonly down = (event: PointerEvent): void => {
    const id = idOf(event);
    this.taken = false;
    this.end();
    if (!id || event.pointerType === 'mouse') return;
    this.at = [event.clientX, event.clientY];
    this.timer = window.setTimeout(() => this.take(id), HOLD_MS);
  };

  readonly move = (event: PointerEvent): void => {
    if (Math.hypot(event.clientX - this.at[0], event.clientY - this.at[1]) > STILL) this.end();
  };

  readonly end = (): void => clearTimeout(this.timer);

  readonly menu = (event: Event): void => {
    const id = idOf(event);
    if (!id) return;
    event.preventDefault();
    this.end();
    if (!this.taken) this.take(id);
  };

  /**
   * Whether a click is the end of a press that was taken: it opens nothing then. That click may never come (the
   * right button has none, a finger slides off), so the keys' own, whose detail is 0, is not taken for it.
   */
  spent(click: Pick<UIEvent, 'detail'>): boolean {
    const spent = this.taken && click.detail > 0;
    this.taken = false;
    return spent;
  }

  private take(id: string): void {
    this.taken = true;
    this.chosen(id);
  }
}

function idOf(event: Event): string {
  return (event.currentTarget as HTMLElement).dataset.id ?? '';
}
