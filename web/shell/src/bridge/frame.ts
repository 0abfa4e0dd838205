/** Web apps in frames of their own origin, and keeping the built-in ones on this device. */

import { labelOf } from '../apps/apps.ts';
import type { App, AppFrame, Intent, MountAppFrame, ShellDeps } from '../deps.ts';
import { BridgeHost } from './host.ts';

/** `allow-same-origin` is the app's own origin, never the shell's: `originOf` refuses that. */
const SANDBOX = 'allow-scripts allow-same-origin allow-forms allow-downloads';
const KEEP_MS = 60_000;

export const mountAppFrame: MountAppFrame = (container, app, deps) => new Frame(container, app, deps);

class Frame implements AppFrame {
  private readonly frame: HTMLIFrameElement;
  private host: BridgeHost | undefined;
  private readonly origin: string;
  private readonly off: () => void;

  constructor(
    container: HTMLElement,
    app: App,
    private readonly deps: ShellDeps,
  ) {
    this.origin = originOf(app, location.origin);
    this.frame = makeFrame(this.origin);
    this.frame.title = labelOf(app, deps.env().locale);
    this.frame.style.colorScheme = 'normal';
    this.off = onNote(this.frame, this.origin, (word) => {
      if (word !== 'ready') return;
      this.host?.close();
      const { port1, port2 } = new MessageChannel();
      this.host = new BridgeHost(port1, app, deps);
      this.frame.contentWindow?.postMessage(this.host.hello(), this.origin, [port2]);
      this.frame.dispatchEvent(new CustomEvent('pileus-ready', { bubbles: true, composed: true }));
    });
    container.append(this.frame);
  }

  async leave(): Promise<void> {
    await this.host?.leave();
  }

  close(): void {
    this.off();
    this.host?.close();
    this.frame.remove();
  }

  focus(): void {
    this.frame.focus();
  }

  /** An app that is not there yet is told with the greeting. */
  wish(intent: Intent): void {
    this.deps.intent = intent;
    this.host?.wish(intent);
  }

  async onBack(): Promise<boolean> {
    return this.host ? this.host.back() : false;
  }
}

/**
 * Opens each app once, unseen, so that its service worker keeps its files; resolves to the ids that are
 * kept now. They get no port: an unseen app can do nothing.
 */
export async function preloadApps(
  apps: readonly App[],
  into: HTMLElement = document.body,
): Promise<string[]> {
  const kept: string[] = [];
  for (const app of apps) {
    if (app.kind === 'web' && app.origin && (await preload(app, into))) kept.push(app.id);
  }
  return kept;
}

function preload(app: App, into: HTMLElement): Promise<boolean> {
  const origin = originOf(app, location.origin);
  const frame = makeFrame(origin);
  frame.hidden = true;
  return new Promise((resolve) => {
    const end = (kept: boolean) => {
      clearTimeout(timer);
      off();
      frame.remove();
      resolve(kept);
    };
    const timer = setTimeout(() => end(false), KEEP_MS);
    const off = onNote(frame, origin, (word) => word === 'kept' && end(true));
    into.append(frame);
  });
}

/** The app's origin in its normal form; throws where it is none or the shell's own. */
export function originOf(app: App, shell: string): string {
  const url = new URL(app.origin);
  if (url.origin === shell || url.origin === 'null' || !/^https?:$/.test(url.protocol))
    throw new Error(`The app ${app.id} has no origin of its own.`);
  return url.origin;
}

function makeFrame(origin: string): HTMLIFrameElement {
  const frame = document.createElement('iframe');
  frame.setAttribute('sandbox', SANDBOX);
  frame.setAttribute('allow', 'clipboard-write');
  frame.referrerPolicy = 'no-referrer';
  frame.src = `${origin}/`;
  return frame;
}

/** Hears the app's own window at the app's own origin, and nobody else. */
export function onNote(
  frame: { contentWindow: unknown },
  origin: string,
  listener: (word: string) => void,
  target: Pick<Window, 'addEventListener' | 'removeEventListener'> = window,
): () => void {
  const hear = (event: MessageEvent) => {
    if (event.origin !== origin || event.source !== frame.contentWindow || !event.source) return;
    const data = event.data as { pileus?: unknown; version?: unknown } | null;
    if (typeof data === 'object' && typeof data?.pileus === 'string' && data.version === 1)
      listener(data.pileus);
  };
  target.addEventListener('message', hear as EventListener);
  return () => target.removeEventListener('message', hear as EventListener);
}
