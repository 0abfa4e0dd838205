/** A value that others watch. */

import type { ReactiveController, ReactiveControllerHost } from 'lit';

export class Store<T> {
  private readonly listeners = new Set<(value: T) => void>();
  constructor(private current: T) {}

  get value(): T {
    return this.current;
  }

  set(value: T): void {
    if (value === this.current) return;
    this.current = value;
    for (const listener of [...this.listeners]) listener(value);
  }

  watch(listener: (value: T) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}

/** Draws its element again when one of the stores changes. */
export class Watch implements ReactiveController {
  private offs: (() => void)[] = [];
  constructor(
    private readonly host: ReactiveControllerHost,
    private readonly stores: readonly { watch(listener: () => void): () => void }[],
  ) {
    host.addController(this);
  }
  hostConnected(): void {
    this.offs = this.stores.map((store) => store.watch(() => this.host.requestUpdate()));
  }
  hostDisconnected(): void {
    for (const off of this.offs) off();
  }
}
