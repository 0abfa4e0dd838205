import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { HttpTransport } from '../../src/sync/index.ts';

/** The browser's socket, as far as the doorbell uses it; each that was opened is in `sockets`. */
class Socket {
  onopen?: () => void;
  onmessage?: () => void;
  onclose?: () => void;
  readonly sent: string[] = [];
  constructor(readonly url: URL) {
    sockets.push(this);
  }
  send(text: string): void {
    this.sent.push(text);
  }
  close(): void {
    this.onclose?.();
  }
}

let sockets: Socket[];
beforeEach(() => {
  sockets = [];
  vi.useFakeTimers();
  vi.stubGlobal('WebSocket', Socket);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

it('rings when the cloud says something, and once when the cloud goes away', () => {
  const ring = vi.fn();
  const transport = new HttpTransport({ baseUrl: 'http://cloud/api/v1', token: () => 'secret' });
  const end = transport.doorbell(ring);
  sockets[0]?.onopen?.();
  expect(sockets[0]?.url.href).toBe('ws://cloud/api/v1/journal/doorbell');
  expect(sockets[0]?.sent).toEqual(['{"token":"secret"}']);
  sockets[0]?.onmessage?.();
  expect(ring).toHaveBeenCalledTimes(1);
  sockets[0]?.onclose?.();
  expect(ring).toHaveBeenCalledTimes(2);

  // While it stays away, trying the bell again asks nothing of the cloud.
  vi.advanceTimersByTime(1_000);
  sockets[1]?.onclose?.();
  expect(ring).toHaveBeenCalledTimes(2);

  vi.advanceTimersByTime(1_000);
  sockets[2]?.onmessage?.();
  expect(ring).toHaveBeenCalledTimes(3);
  end();
  vi.advanceTimersByTime(120_000);
  expect([ring.mock.calls.length, sockets.length]).toEqual([3, 3]);
});
