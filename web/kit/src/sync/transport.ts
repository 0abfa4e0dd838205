/** How requests reach the cloud. */

export interface Request {
  method: 'GET' | 'POST';
  /** Below the API's root, with its query. */
  path: string;
  body?: unknown;
}

export interface Response {
  status: number;
  /** The parsed JSON; undefined where the body is none. */
  body: unknown;
}

export interface Transport {
  /** Rejects on a lost network, and when `signal` aborts; any HTTP status resolves. */
  send(request: Request, signal: AbortSignal): Promise<Response>;
  /** Rings whenever the cloud has something new or went away, and reconnects by itself; returns its end. */
  doorbell?(ring: () => void): () => void;
}

/** A status that is no success. */
export class ProblemError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly detail: string,
  ) {
    super(`${status} ${code}: ${detail}`);
  }

  /** True where the same request may succeed later. */
  get passes(): boolean {
    return this.status >= 500 || [401, 403, 404, 408, 425, 429].includes(this.status);
  }
}

/** Sends and returns the body; a status of 400 or above is a `ProblemError`. */
export async function ask<T>(transport: Transport, request: Request, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const response = await transport.send(request, signal);
  if (response.status >= 400) {
    const problem = (response.body ?? {}) as { code?: string; detail?: string };
    throw new ProblemError(response.status, problem.code ?? `http-${response.status}`, problem.detail ?? '');
  }
  if (response.body === undefined) throw new ProblemError(502, 'no-json', 'The answer was not JSON.');
  return response.body as T;
}

export interface HttpOptions {
  /** Where the API is, such as "https://pileus.localhost:8080/api/v1". */
  baseUrl: string;
  token: () => string;
  /** Milliseconds after which an answer counts as lost. */
  timeout?: number;
}

/** Requests by `fetch`, the doorbell by WebSocket. */
export class HttpTransport implements Transport {
  constructor(private readonly options: HttpOptions) {}

  async send(request: Request, signal: AbortSignal): Promise<Response> {
    const limit = AbortSignal.timeout(this.options.timeout ?? 30_000);
    const headers: Record<string, string> = { Authorization: `Bearer ${this.options.token()}` };
    if (request.body !== undefined) headers['Content-Type'] = 'application/json';
    const answer = await fetch(this.options.baseUrl + request.path, {
      method: request.method,
      headers,
      ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
      signal: AbortSignal.any([signal, limit]),
      cache: 'no-store',
      credentials: 'omit',
    });
    const text = await answer.text();
    return { status: answer.status, body: parse(text) };
  }

  doorbell(ring: () => void): () => void {
    const url = new URL(`${this.options.baseUrl}/journal/doorbell`, globalThis.location?.href);
    url.protocol = url.protocol.replace('http', 'ws');
    let socket: WebSocket | undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let failures = 0;
    let ended = false;
    let heard = false;
    const open = () => {
      socket = new WebSocket(url);
      socket.onopen = () => socket?.send(JSON.stringify({ token: this.options.token() }));
      socket.onmessage = () => {
        failures = 0;
        heard = true;
        ring();
      };
      socket.onclose = () => {
        if (ended) return;
        // Whoever asks the cloud now learns that it is gone, not at the next poll.
        if (heard) ring();
        heard = false;
        const pause = Math.min(60_000, 500 * 2 ** failures++) * (0.5 + Math.random() / 2);
        timer = setTimeout(open, pause);
      };
    };
    open();
    return () => {
      ended = true;
      clearTimeout(timer);
      socket?.close();
    };
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
