/** Calls and events over one MessagePort. */

import { type Answer, BridgeError, type Event, type Events } from './protocol.ts';

type Listener<Name extends keyof Events> = (data: Events[Name]) => void;

export class Port {
  private calls = new Map<number, { resolve: (value: never) => void; reject: (error: Error) => void }>();
  private listeners = new Map<string, Set<Listener<never>>>();
  private last = 0;

  constructor(private readonly port: MessagePort) {
    port.onmessage = (message: MessageEvent) => this.hear(message.data);
    port.start();
  }

  /** Rejects with a `BridgeError`. */
  call<T>(method: string, params: { [name: string]: unknown } = {}): Promise<T> {
    const id = ++this.last;
    return new Promise<T>((resolve, reject) => {
      this.calls.set(id, { resolve, reject });
      this.port.postMessage({ id, method, params });
    });
  }

  on<Name extends keyof Events>(name: Name, listener: Listener<Name>): () => void {
    const all = this.listeners.get(name) ?? new Set();
    this.listeners.set(name, all);
    all.add(listener);
    return () => all.delete(listener);
  }

  close(): void {
    this.port.close();
    for (const call of this.calls.values()) call.reject(new BridgeError('closed', 'The phone let go.'));
    this.calls.clear();
  }

  private hear(data: Answer | Event): void {
    if ('event' in data) {
      for (const listener of this.listeners.get(data.event) ?? []) listener(data.data as never);
      return;
    }
    const call = this.calls.get(data.id);
    this.calls.delete(data.id);
    if ('error' in data) call?.reject(new BridgeError(data.error.code, data.error.message, data.error.data));
    else call?.resolve(data.result as never);
  }
}
