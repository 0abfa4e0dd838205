/** One device's way to a running app: the WebSocket, its tickets, acknowledgements, and coming back after a loss. */

import { decode, encode, type Json, type Message, Type, VERSION } from './wire.ts';

export interface Place {
  url: string;
  ticket: string;
}

export interface Detachment {
  reason: number;
  code?: string;
  message?: string;
  device?: string;
}

export interface Listener {
  /** What HELLO says besides the ticket. */
  hello(): Json | Promise<Json>;
  /** A message that is not media. */
  message(message: Message): void;
  /** A media message of `size` bytes; `consumed` is called with its frame when it was shown or dropped. */
  media(message: Message, size: number): void;
  /** The connection stands, or it is lost and will be tried again. */
  connection(lost: boolean): void;
  /** Over, until `start` is called again. */
  detached(detachment: Detachment): void;
}

const WAITS_MS = [250, 500, 1000, 2000, 4000, 8000];
/** Taken over, ended, protocol error: coming back by itself would be wrong. */
const FINAL_REASONS = new Set([0, 1, 3]);
const TICKET_CODES = new Set(['ticket-expired', 'ticket-used', 'ticket-unknown']);

export class SurfaceConnection {
  #socket?: WebSocket;
  #timer?: ReturnType<typeof setTimeout>;
  #consumed = 0;
  #inputs = Date.now() * 1000;
  #tries = 0;
  #ever = false;
  #run = 0;

  constructor(
    /** Undefined: there is nothing to connect to any more, and whoever gave this function says so. */
    private readonly connect: () => Promise<Place | undefined>,
    private readonly listener: Listener,
  ) {}

  get open(): boolean {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  /** Connects, now; an earlier connection is left. */
  start(): void {
    this.stop();
    this.#tries = 0;
    this.#ever = false;
    void this.#dial(this.#run);
  }

  /** Leaves; the app goes on without a viewer. */
  stop(): void {
    this.#run++;
    clearTimeout(this.#timer);
    this.#socket?.close(1000);
    this.#socket = undefined;
  }

  /** Sends if the connection stands; what is sent while it is lost is lost. */
  send(message: Message): void {
    if (this.open) this.#socket?.send(encode(message));
  }

  /** A new input id; they rise across devices as clocks do. */
  nextInput(): number {
    this.#inputs = Math.max(this.#inputs + 1, Date.now() * 1000);
    return this.#inputs;
  }

  consumed(frame: number, size: number): void {
    this.#consumed += size;
    this.send({ type: Type.ACK, frame_id: frame, bytes: this.#consumed });
  }

  async #dial(run: number): Promise<void> {
    let place: Place | undefined;
    let hello: Json;
    try {
      [place, hello] = await Promise.all([this.connect(), this.listener.hello()]);
    } catch {
      // The first failure is told by whoever gave `connect`; later ones are a lost connection.
      if (this.#ever) this.#again(run);
      return;
    }
    if (run !== this.#run) return;
    if (!place) return this.stop();
    const { url, ticket } = place;
    const socket = new WebSocket(url);
    let ended: Detachment | undefined;
    socket.binaryType = 'arraybuffer';
    this.#socket = socket;
    this.#consumed = 0;
    socket.onopen = () => {
      socket.send(encode({ type: Type.HELLO, version: VERSION, info: { ...hello, ticket } }));
    };
    socket.onmessage = (event: MessageEvent<ArrayBuffer>) => {
      if (run !== this.#run) return;
      ended = this.#take(event.data) ?? ended;
    };
    socket.onclose = () => {
      if (run !== this.#run) return;
      this.#over(run, ended);
    };
  }

  #take(data: ArrayBuffer): Detachment | undefined {
    const message = decode(data);
    if (message.type === Type.VIDEO || message.type === Type.IMAGE) {
      this.listener.media(message, data.byteLength);
    } else if (message.type === Type.DETACHED) {
      return { ...(message.info as Json), reason: message.reason as number };
    } else {
      if (message.type === Type.WELCOME) {
        this.#tries = 0;
        this.#ever = true;
        this.listener.connection(false);
      }
      this.listener.message(message);
    }
    return undefined;
  }

  #over(run: number, ended: Detachment | undefined): void {
    const stale = ended?.code !== undefined && TICKET_CODES.has(ended.code) && this.#tries < 2;
    if (ended && FINAL_REASONS.has(ended.reason) && !stale) {
      this.#run++;
      this.listener.detached(ended);
    } else this.#again(run);
  }

  #again(run: number): void {
    if (run !== this.#run) return;
    this.listener.connection(true);
    const wait = WAITS_MS[Math.min(this.#tries++, WAITS_MS.length - 1)] as number;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#dial(run), wait);
  }
}
