/** The shell's end of one app's port: every call is checked for shape and grant before it does anything. */

import { BridgeError, type Events, VERSION } from '../../../sdk/src/protocol.ts';
import type { App, ShellDeps } from '../deps.ts';
import { type Method, methods, type Turn } from './methods/index.ts';
import { telephonyState } from './methods/telephony.ts';
import { grantsOf, Permissions } from './permissions.ts';
import type { Params } from './shapes.ts';

const BACK_MS = 300;
const LEAVE_MS = 1000;
const IN_FLIGHT = 256;

export class BridgeHost {
  private readonly turn: Turn;
  private readonly actions = new Set<() => void>();
  private readonly backs = new Map<number, (taken: boolean) => void>();
  private step = 0;
  private leaving?: Promise<void>;
  private left: () => void = () => undefined;
  private running = 0;
  private closed = false;

  constructor(
    private readonly port: MessagePort,
    app: App,
    private readonly deps: ShellDeps,
  ) {
    this.turn = {
      app,
      deps,
      may: new Permissions(grantsOf(app)),
      emit: (event, data) => this.emit(event, data),
      cleanup: (action) => this.actions.add(action),
      handles: new Map(),
      backDone: (step, taken) => this.backs.get(step)?.(taken),
      leaveDone: () => this.left(),
    };
    this.actions.add(deps.onEnv((env) => this.emit('env', env)));
    let inFront: boolean | undefined;
    const turned = (front: boolean) => {
      if (front !== inFront) this.emit('front', { front });
      inFront = front;
    };
    this.actions.add(deps.onFront((front) => turned(front === app.id)));
    this.actions.add(deps.sync.onStatus(({ unsafe, online }) => this.emit('status', { unsafe, online })));
    if (this.turn.may.has('messages')) this.actions.add(deps.outbox.onChange(() => this.emit('outbox', {})));
    if (this.turn.may.has('telephony')) this.actions.add(this.watchTelephony());
    port.onmessage = (message: MessageEvent) => void this.hear(message.data);
    port.start();
  }

  hello(): { pileus: 'hello'; version: number; env: Events['env']; intent: Events['intent'] } {
    return { pileus: 'hello', version: VERSION, env: this.deps.env(), intent: this.deps.intent ?? {} };
  }

  /** The app was opened again with another wish. */
  wish(intent: Events['intent']): void {
    this.emit('intent', intent);
  }

  /** True when the app took the step; an app that says nothing in time did not. */
  back(): Promise<boolean> {
    const step = ++this.step;
    return new Promise((resolve) => {
      const end = (taken: boolean) => {
        clearTimeout(timer);
        this.backs.delete(step);
        resolve(taken);
      };
      const timer = setTimeout(() => end(false), BACK_MS);
      this.backs.set(step, end);
      this.emit('back', { step });
    });
  }

  /** Resolves once the app has said all that it had kept back, or did not answer in time. */
  leave(): Promise<void> {
    this.leaving ??= new Promise((resolve) => {
      const timer = setTimeout(resolve, LEAVE_MS);
      this.left = () => {
        clearTimeout(timer);
        resolve();
      };
      this.emit('leave', {});
      if (this.closed) this.left();
    });
    return this.leaving;
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.left();
    for (const end of this.backs.values()) end(false);
    for (const close of this.turn.handles.values()) close();
    this.turn.handles.clear();
    for (const action of this.actions) action();
    this.actions.clear();
    this.port.close();
  }

  /** Told where what the app may know is another one: signals come and go all the time. */
  private watchTelephony(): () => void {
    const { handset } = this.deps;
    let known = JSON.stringify(telephonyState(handset));
    return handset.telephony.watch(() => {
      const state = telephonyState(handset);
      const now = JSON.stringify(state);
      if (now !== known) this.emit('telephony', state);
      known = now;
    });
  }

  private emit<Name extends keyof Events>(event: Name, data: Events[Name]): void {
    if (!this.closed) this.port.postMessage({ event, data });
  }

  private async hear(data: unknown): Promise<void> {
    if (!isRequest(data)) return;
    const { id } = data;
    try {
      if (this.running >= IN_FLIGHT) throw new BridgeError('too-many', 'Too many calls at once.');
      this.running += 1;
      try {
        const result = await this.permit(data.method, data.params).run(this.turn, data.params);
        if (!this.closed) this.port.postMessage({ id, result });
      } finally {
        this.running -= 1;
      }
    } catch (error) {
      if (!this.closed) this.port.postMessage({ id, error: toError(error) });
    }
  }

  private permit(name: string, params: Params): Method {
    const method = methods.get(name);
    if (!method) throw new BridgeError('unknown-method', 'This phone does not know the method.');
    if (!method.allowed(this.turn.may, params))
      throw new BridgeError('not-granted', `The app was not granted ${name}.`);
    return method;
  }
}

function isRequest(data: unknown): data is { id: number; method: string; params: Params } {
  if (typeof data !== 'object' || data === null) return false;
  const { id, method, params } = data as { [name: string]: unknown };
  return (
    Number.isSafeInteger(id) && typeof method === 'string' && typeof params === 'object' && params !== null
  );
}

function toError(error: unknown): { code: string; message: string; data?: unknown } {
  if (error instanceof BridgeError) {
    const told = { code: error.code, message: error.message };
    return error.data === undefined ? told : { ...told, data: error.data };
  }
  const { code, detail, message } = error as { code?: unknown; detail?: unknown; message?: unknown };
  if (typeof code === 'string') return { code, message: String(detail || message || code) };
  return { code: 'failed', message: 'The phone could not do it.' };
}
