/** Pointers to touch events of the wire format: downs and ups at once, moves once an animation frame. */

import { type Message, Type } from './wire.ts';

export interface Point {
  x: number;
  y: number;
}

interface Finger extends Point {
  slot: number;
  pressure: number;
}

const MOST = 16;
const DOWN = 0;
const MOVE = 1;
const UP = 2;
const CANCEL = 3;

export class Fingers {
  readonly #fingers = new Map<number, Finger>();
  #moved = false;
  #frame = 0;

  constructor(
    private readonly send: (message: Omit<Message, 'input_id'> & { type: number }, at: number) => void,
    private readonly place: (event: PointerEvent) => Point,
  ) {}

  get count(): number {
    return this.#fingers.size;
  }

  down(event: PointerEvent): void {
    if (this.#fingers.size >= MOST || this.#fingers.has(event.pointerId)) return;
    this.#flush();
    const used = new Set([...this.#fingers.values()].map((finger) => finger.slot));
    let slot = 0;
    while (used.has(slot)) slot++;
    this.#fingers.set(event.pointerId, { ...this.place(event), slot, pressure: pressure(event) });
    this.#send(DOWN, event.pointerId, event.timeStamp);
  }

  move(event: PointerEvent): void {
    const finger = this.#fingers.get(event.pointerId);
    if (!finger) return;
    Object.assign(finger, this.place(event), { pressure: pressure(event) });
    this.#moved = true;
    this.#frame ||= requestAnimationFrame(() => this.#flush());
  }

  up(event: PointerEvent): void {
    const finger = this.#fingers.get(event.pointerId);
    if (!finger) return;
    this.#flush();
    Object.assign(finger, this.place(event));
    this.#send(UP, event.pointerId, event.timeStamp);
    this.#fingers.delete(event.pointerId);
  }

  /** All fingers are gone without having meant anything. */
  cancel(): void {
    const first = this.#fingers.keys().next();
    if (!first.done) this.#send(CANCEL, first.value, performance.now());
    this.#fingers.clear();
    this.#moved = false;
  }

  #flush(): void {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    const first = this.#fingers.keys().next();
    if (this.#moved && !first.done) this.#send(MOVE, first.value, performance.now());
    this.#moved = false;
  }

  #send(action: number, pointer: number, at: number): void {
    const changed = [...this.#fingers.keys()].indexOf(pointer);
    const pointers = [...this.#fingers.values()].map(({ slot, x, y, pressure }) => ({
      id: slot,
      x,
      y,
      pressure,
    }));
    const time_us = Math.round((performance.timeOrigin + at) * 1000);
    this.send({ type: Type.TOUCH, time_us, action, changed, pointers }, at);
  }
}

function pressure(event: PointerEvent): number {
  return Math.round(Math.min(1, Math.max(0, event.pressure || 0.5)) * 65535);
}
