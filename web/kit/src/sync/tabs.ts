/** Tabs of one device: one of them exchanges with the cloud, all of them show the same. */

export type Message =
  | { kind: 'ring' }
  | { kind: 'changed'; records: [collection: string, id: string][] }
  | { kind: 'text'; collection: string; id: string; field: string; update: Uint8Array }
  | { kind: 'health'; online: boolean; problem: string | null };

export interface Tabs {
  /** Resolves with the end of the lead as soon as no other tab leads; rejects when `signal` aborts. */
  lead(signal: AbortSignal): Promise<() => void>;
  post(message: Message): void;
  listen(listener: (message: Message) => void): () => void;
}

/** A device with one tab: Node, and browsers without Web Locks. */
export class OneTab implements Tabs {
  async lead(): Promise<() => void> {
    return () => undefined;
  }
  post(): void {}
  listen(): () => void {
    return () => undefined;
  }
}

/** Tabs of one origin that share the database `name`. */
export class BrowserTabs implements Tabs {
  private readonly channel: BroadcastChannel;

  constructor(private readonly name: string) {
    this.channel = new BroadcastChannel(name);
  }

  lead(signal: AbortSignal): Promise<() => void> {
    return new Promise((resolve, reject) => {
      navigator.locks
        .request(this.name, { signal }, () => new Promise<void>((release) => resolve(() => release())))
        .catch(reject);
    });
  }

  post(message: Message): void {
    this.channel.postMessage(message);
  }

  listen(listener: (message: Message) => void): () => void {
    const hear = (event: MessageEvent<Message>) => listener(event.data);
    this.channel.addEventListener('message', hear);
    return () => this.channel.removeEventListener('message', hear);
  }
}

/** The browser's tabs where it can tell them apart, else each tab for itself (safe: ids make repeats harmless). */
export function tabsOf(name: string): Tabs {
  const able =
    typeof BroadcastChannel === 'function' && typeof navigator === 'object' && 'locks' in navigator;
  return able && typeof window === 'object' ? new BrowserTabs(name) : new OneTab();
}
