/**
 * `<pileus-surface>`: the live picture of an app that runs in the cloud, and its fingers, keys and text.
 *
 * Property `connect: () => Promise<{url, ticket} | undefined>`: called for each connection; set it and the element
 * connects. Undefined ends it. Property `asleep`: it is behind something else, and the app need not draw.
 * Events: `state` {state, phase, progress, code, message}, `detached` {reason, code, message, device}, `connection`
 * {lost}, `title` {title, colour}, `ime` {active}, `notify`, `show`, `stats` {inputId, latencyMs, frame, bytes}, `frame`.
 */

import { css, html, LitElement } from 'lit';
import { reducedMotion } from '../theme/motion.ts';
import { type Detachment, type Place, SurfaceConnection } from './connection.ts';
import { Editor } from './editor.ts';
import { Fingers, type Point } from './fingers.ts';
import { codepoint, hidUsage, KEY_V, modifiers } from './keys.ts';
import { Screen, type Shown, supportedCodecs } from './screen.ts';
import { type Json, type Message, Type } from './wire.ts';

const RESIZE_MS = 120;
const FORGET_MS = 2000;
const REFRESH_MS = 500;
const LINE = 40;
/** Pixels of the app for one of the page, at most: more costs bytes and shows nothing. */
const MOST_RATIO = 2;
type Input = Omit<Message, 'input_id'> & { type: number };

export class PileusSurface extends LitElement {
  static override properties = {
    connect: { attribute: false },
    leaves: { attribute: false },
    asleep: { type: Boolean },
    lost: { type: Boolean, reflect: true },
  };
  static override styles = css`
    :host { display: block; position: relative; overflow: hidden; touch-action: none; outline: none; user-select: none;
      -webkit-user-select: none; -webkit-touch-callout: none; }
    canvas { display: block; width: 100%; height: 100%; object-fit: contain; transition: opacity 220ms, filter 220ms; }
    :host([lost]) canvas { opacity: 0.55; filter: saturate(0.4); }
    textarea { position: absolute; left: 0; top: 0; width: 2px; height: 1em; padding: 0; border: 0; margin: 0; opacity: 0;
      resize: none; outline: none; font-size: 16px; pointer-events: none; caret-color: transparent; }
    @media (prefers-reduced-motion: reduce) { canvas { transition: none; } }
  `;
  declare connect?: () => Promise<Place | undefined>;
  /** Which keys are not the app's: those that the phone takes for itself would do their work twice. */
  declare leaves?: (event: KeyboardEvent) => boolean;
  /** Nobody sees it: the app draws nothing, and may be frozen in time. */
  declare asleep: boolean;
  declare lost: boolean;
  #connection?: SurfaceConnection;
  #screen?: Screen;
  #editor?: Editor;
  #fingers = new Fingers(
    (message, at) => this.#input(message, at),
    (event) => this.#at(event.clientX, event.clientY),
  );
  #observer?: ResizeObserver;
  #resizing?: ReturnType<typeof setTimeout>;
  #size = '';
  #sent = new Map<number, number>();
  #refreshed = 0;
  #wheel?: { x: number; y: number; dx: number; dy: number };
  #copied?: string;

  constructor() {
    super();
    this.asleep = false;
    this.lost = false;
  }

  override render() {
    return html`<canvas width="2" height="2" @contextmenu=${stop}></canvas>
      <textarea tabindex="-1" aria-hidden="true" autocapitalize="off" autocomplete="off" autocorrect="off" spellcheck="false"></textarea>`;
  }

  override firstUpdated(): void {
    if (!this.hasAttribute('tabindex')) this.tabIndex = 0;
    if (!this.hasAttribute('role')) this.setAttribute('role', 'application');
    this.#screen = new Screen(
      this.canvas,
      (shown) => this.#shown(shown),
      () => this.#refresh(),
    );
    const area = this.renderRoot.querySelector('textarea') as HTMLTextAreaElement;
    this.#editor = new Editor(area, (message) => this.#input(message));
    this.#listen();
  }

  override connectedCallback(): void {
    super.connectedCallback();
    document.addEventListener('visibilitychange', this.#seen);
    window.addEventListener('online', this.#online);
    this.#observer = new ResizeObserver(() => this.#resized());
    this.#observer.observe(this);
    if (this.hasUpdated) this.#start();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    document.removeEventListener('visibilitychange', this.#seen);
    window.removeEventListener('online', this.#online);
    this.#observer?.disconnect();
    clearTimeout(this.#resizing);
    this.#connection?.stop();
    this.#connection = undefined;
    this.#screen?.reset();
  }

  override updated(changed: Map<string, unknown>): void {
    if (changed.has('connect')) this.#start();
    else if (changed.has('asleep')) this.#seen();
  }

  get canvas(): HTMLCanvasElement {
    return this.renderRoot.querySelector('canvas') as HTMLCanvasElement;
  }

  /** The app's own step back. */
  back(): void {
    this.#input({ type: Type.NAV, button: 0 });
  }

  /** Connects anew, with a new ticket. */
  reconnect(): void {
    this.#connection?.start();
  }

  /** Tells the app that the owner's taste changed: `locale`, `theme`, `font_scale`, `time_zone`, `reduced_motion`. */
  configure(info: Json): void {
    this.#connection?.send({ type: Type.CONFIG, info });
  }

  #start(): void {
    this.#connection?.stop();
    if (!this.connect || !this.isConnected) return;
    this.#connection = new SurfaceConnection(() => (this.connect as () => Promise<Place | undefined>)(), {
      hello: () => this.#hello(),
      message: (message) => this.#message(message),
      media: (message, size) => this.#screen?.take(message, size),
      connection: (lost) => this.#connected(lost),
      detached: (detachment) => this.#detached(detachment),
    });
    this.#connection.start();
  }

  async #hello(): Promise<Json> {
    const { width, height, dpi } = this.#measure();
    this.#size = `${width}x${height}@${dpi}`;
    const locale = document.documentElement.lang || navigator.language;
    const reduced_motion = reducedMotion();
    return {
      codecs: await supportedCodecs(),
      width,
      height,
      dpi,
      locale,
      reduced_motion,
      visible: this.#visible,
    };
  }

  #connected(lost: boolean): void {
    this.#screen?.reset();
    this.#sent.clear();
    this.#fingers.cancel();
    this.lost = lost;
    this.#tell('connection', { lost });
    if (!lost) this.#seen();
  }

  #detached(detachment: Detachment): void {
    this.lost = true;
    this.#tell('detached', detachment);
  }

  #message(message: Message): void {
    const info = message.info as Json;
    if (message.type === Type.STATE) this.#tell('state', { ...info, state: message.state });
    else if (message.type === Type.TITLE)
      this.#tell('title', { title: message.title, colour: message.colour });
    else if (message.type === Type.NOTIFY) this.#tell('notify', info);
    else if (message.type === Type.SHOW) this.#tell('show', info);
    else if (message.type === Type.IME) this.#ime(message);
    else if (message.type === Type.CLIPBOARD_CHANGED) this.#copy(message);
    else if (message.type === Type.CONFIGURED) this.#tell('configured', { ...message });
  }

  #ime(message: Message): void {
    const editor = this.#editor as Editor;
    const was = editor.active;
    const wanted = editor.update(message);
    const { left, top, scale } = this.#picture();
    const area = editor.area;
    area.style.left = `${left + (message.x as number) / scale}px`;
    area.style.top = `${top + (message.y as number) / scale}px`;
    area.style.height = `${Math.max(16, (message.height as number) / scale)}px`;
    if (wanted) area.focus({ preventScroll: true });
    if (!wanted && was) {
      editor.finish();
      area.blur();
      this.focus({ preventScroll: true });
    }
    this.#tell('ime', { active: wanted });
  }

  #shown({ frame, input, size, painted }: Shown): void {
    this.#connection?.consumed(frame, size);
    if (!painted) return;
    const now = performance.now();
    for (const [id, at] of this.#sent) {
      if (id > input) break;
      this.#sent.delete(id);
      if (now - at < FORGET_MS) this.#tell('stats', { inputId: id, latencyMs: now - at, frame, bytes: size });
    }
    this.#tell('frame', { frame, input, bytes: size });
  }

  #refresh(): void {
    const now = performance.now();
    if (now - this.#refreshed < REFRESH_MS) return;
    this.#refreshed = now;
    this.#connection?.send({ type: Type.REFRESH });
  }

  #input(message: Input, at = performance.now()): void {
    if (!this.#connection?.open) return;
    const input_id = this.#connection.nextInput();
    this.#connection.send({ ...message, input_id } as Message);
    this.#sent.set(input_id, Math.min(at, performance.now()));
  }

  #listen(): void {
    this.addEventListener('pointerdown', (event) => this.#down(event));
    this.addEventListener('pointermove', (event) => this.#fingers.move(event));
    this.addEventListener('pointerup', (event) => this.#fingers.up(event));
    this.addEventListener('pointercancel', () => this.#fingers.cancel());
    this.addEventListener('wheel', (event) => this.#wheeled(event), { passive: false });
    this.addEventListener('keydown', (event) => this.#key(event, 0));
    this.addEventListener('keyup', (event) => this.#key(event, 1));
    this.addEventListener('paste', (event) => this.#paste(event));
    this.addEventListener('contextmenu', stop);
  }

  #down(event: PointerEvent): void {
    if (event.pointerType === 'mouse' && event.button !== 0) return;
    event.preventDefault();
    this.setPointerCapture(event.pointerId);
    this.#editor?.finish();
    (this.#editor?.active ? this.#editor.area : this).focus({ preventScroll: true });
    this.#fingers.down(event);
    if (this.#copied !== undefined) this.#write(this.#copied);
  }

  #wheeled(event: WheelEvent): void {
    event.preventDefault();
    const unit = event.deltaMode === 1 ? LINE : event.deltaMode === 2 ? this.clientHeight : 1;
    const { scale } = this.#picture();
    const waiting = this.#wheel;
    const at = this.#at(event.clientX, event.clientY);
    this.#wheel = {
      ...at,
      dx: (waiting?.dx ?? 0) + event.deltaX * unit * scale,
      dy: (waiting?.dy ?? 0) + event.deltaY * unit * scale,
    };
    if (!waiting)
      requestAnimationFrame(() => {
        if (this.#wheel) this.#input({ type: Type.SCROLL, ...this.#wheel });
        this.#wheel = undefined;
      });
  }

  #key(event: KeyboardEvent, action: number): void {
    if (event.isComposing || event.key === 'Process' || event.keyCode === 229 || event.key === 'Unidentified')
      return;
    const usage = hidUsage(event.code);
    const shortcut = event.ctrlKey || event.metaKey;
    const typed = codepoint(event.key);
    if (this.leaves?.(event)) return;
    if (!usage || isBrowsers(event) || (shortcut && event.code === 'KeyV')) return;
    // Letters of an active text field come as text, so that dead keys and input methods work.
    if (this.#editor?.active && typed && !shortcut && !event.altKey) return;
    event.preventDefault();
    const repeat = event.repeat ? 1 : 0;
    const bits = modifiers(event);
    this.#input({ type: Type.KEY, action, usage, modifiers: bits, codepoint: shortcut ? 0 : typed, repeat });
  }

  #paste(event: ClipboardEvent): void {
    const text = event.clipboardData?.getData('text/plain');
    event.preventDefault();
    if (!text) return;
    this.#connection?.send({
      type: Type.CLIPBOARD,
      mime: 'text/plain',
      data: new TextEncoder().encode(text),
    });
    for (const action of [0, 1])
      this.#input({ type: Type.KEY, action, usage: KEY_V, modifiers: 2, codepoint: 0, repeat: 0 });
  }

  #copy(message: Message): void {
    if (!(message.mime as string).startsWith('text/')) return;
    this.#write(new TextDecoder().decode(message.data as Uint8Array));
  }

  /** Needs a gesture in some browsers: then the next touch does it. */
  #write(text: string): void {
    this.#copied = undefined;
    navigator.clipboard?.writeText(text).catch(() => {
      this.#copied = text;
    });
  }

  get #visible(): boolean {
    return !document.hidden && !this.asleep;
  }

  #seen = (): void => {
    this.#connection?.send({ type: Type.VISIBILITY, visible: this.#visible ? 1 : 0 });
  };

  #online = (): void => {
    if (this.lost && this.#connection && !this.#connection.open) this.#connection.start();
  };

  #resized(): void {
    clearTimeout(this.#resizing);
    this.#resizing = setTimeout(() => {
      const { width, height, dpi } = this.#measure();
      const size = `${width}x${height}@${dpi}`;
      if (size === this.#size || width < 2 || height < 2) return;
      this.#size = size;
      this.#connection?.send({ type: Type.RESIZE, width, height, dpi, rotation: 0 });
    }, RESIZE_MS);
  }

  #measure(): { width: number; height: number; dpi: number } {
    const ratio = Math.min(MOST_RATIO, window.devicePixelRatio || 1);
    const side = (length: number) => Math.min(65535, Math.max(2, Math.round((length * ratio) / 2) * 2));
    return { width: side(this.clientWidth), height: side(this.clientHeight), dpi: Math.round(160 * ratio) };
  }

  /** Where the picture lies in the element (object-fit: contain), in CSS pixels; `scale` surface pixels each. */
  #picture(): { left: number; top: number; scale: number } {
    const { width, height } = this.canvas;
    const scale = Math.max(width / this.clientWidth, height / this.clientHeight) || 1;
    return {
      left: (this.clientWidth - width / scale) / 2,
      top: (this.clientHeight - height / scale) / 2,
      scale,
    };
  }

  #at(clientX: number, clientY: number): Point {
    const box = this.getBoundingClientRect();
    const { left, top, scale } = this.#picture();
    const zoom = box.width / this.clientWidth || 1;
    return { x: ((clientX - box.left) / zoom - left) * scale, y: ((clientY - box.top) / zoom - top) * scale };
  }

  #tell(name: string, detail: unknown): void {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}
customElements.define('pileus-surface', PileusSurface);

function stop(event: Event): void {
  event.preventDefault();
}

/** Keys that stay the browser's: reload, tools, full screen, its own shortcuts. */
function isBrowsers(event: KeyboardEvent): boolean {
  if (/^F([5-9]|1[0-2])$/.test(event.code)) return true;
  return (
    (event.ctrlKey || event.metaKey) && ['KeyR', 'KeyT', 'KeyW', 'KeyN', 'KeyL', 'Tab'].includes(event.code)
  );
}
