/** What a finger meant, from where it began and how it left; pure. Lengths in CSS pixels, times in ms. */

export interface Trace {
  dx: number;
  dy: number;
  /** Pixels per millisecond over the last 80 ms. */
  vx: number;
  vy: number;
  /** How long the finger has rested. */
  rested: number;
}

/** From the bar at the bottom: a quick flick goes home, a pause above goes to recents. */
export function bottomSwipe(trace: Trace, height: number): 'home' | 'recents' | 'switch' | 'stay' {
  const up = -trace.dy;
  if (up > height * 0.12 && trace.rested > 140) return 'recents';
  if (trace.vy < -0.35 || up > height * 0.28) return 'home';
  if (Math.abs(trace.dx) > 80 && up < 60) return 'switch';
  return 'stay';
}

export function edgeSwipe(trace: Trace): boolean {
  return Math.abs(trace.dx) > 56 || (Math.abs(trace.dx) > 20 && Math.abs(trace.vx) > 0.4);
}

export function pulled(trace: Trace, height: number, down: boolean): boolean {
  const way = down ? trace.dy : -trace.dy;
  const speed = down ? trace.vy : -trace.vy;
  return speed > 0.3 || (way > height * 0.25 && speed > -0.2);
}

interface Sample {
  time: number;
  x: number;
  y: number;
}

export class Finger {
  private samples: Sample[] = [];
  private moved: number;

  constructor(
    private readonly x: number,
    private readonly y: number,
    time: number,
  ) {
    this.samples.push({ x, y, time });
    this.moved = time;
  }

  move(x: number, y: number, time: number): void {
    const last = this.samples.at(-1)!;
    if (Math.hypot(x - last.x, y - last.y) > 2) this.moved = time;
    this.samples.push({ x, y, time });
    while (this.samples.length > 2 && time - this.samples[0]!.time > 80) this.samples.shift();
  }

  trace(now: number): Trace {
    const first = this.samples[0]!;
    const last = this.samples.at(-1)!;
    const span = Math.max(1, now - first.time);
    return {
      dx: last.x - this.x,
      dy: last.y - this.y,
      vx: (last.x - first.x) / span,
      vy: (last.y - first.y) / span,
      rested: now - this.moved,
    };
  }
}

export interface DragHandlers {
  move?: (trace: Trace, event: PointerEvent) => void;
  end: (trace: Trace, event: PointerEvent) => void;
}

/** How many pointers are followed: while one is, no app's frame takes a pointer. */
let followed = 0;

/** A mouse that is over a frame goes to the frame's page, whatever has captured it. */
function shieldFrames(by: 1 | -1): void {
  followed += by;
  document.documentElement.style.setProperty('--pl-frames', followed > 0 ? 'none' : 'auto');
}

/** Follows the pointer of a `pointerdown` until it leaves, also over frames; a lost pointer ends where it was. */
export function follow(event: PointerEvent, handlers: DragHandlers): void {
  const target = event.currentTarget as HTMLElement;
  const finger = new Finger(event.clientX, event.clientY, event.timeStamp);
  const inside = (other: PointerEvent) => other.pointerId === event.pointerId;
  target.setPointerCapture(event.pointerId);
  shieldFrames(1);
  const move = (next: PointerEvent) => {
    if (!inside(next)) return;
    finger.move(next.clientX, next.clientY, next.timeStamp);
    handlers.move?.(finger.trace(next.timeStamp), next);
  };
  const end = (next: PointerEvent) => {
    if (!inside(next)) return;
    target.removeEventListener('pointermove', move);
    target.removeEventListener('pointerup', end);
    target.removeEventListener('pointercancel', end);
    shieldFrames(-1);
    handlers.end(finger.trace(next.timeStamp), next);
  };
  target.addEventListener('pointermove', move);
  target.addEventListener('pointerup', end);
  target.addEventListener('pointercancel', end);
}
