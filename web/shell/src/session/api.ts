import type { Api } from '../deps.ts';
import { Problem, readProblem } from './problem.ts';

/** The API over fetch. Every failure is a `Problem`; nothing is tried again here. */
export class HttpApi implements Api {
  constructor(
    readonly baseUrl: string,
    readonly token: string,
    /** Called when the cloud no longer knows this device. */
    private readonly onSignedOut: () => void = () => undefined,
  ) {}

  async send(method: string, path: string, body?: unknown, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    if (this.token) headers.set('Authorization', `Bearer ${this.token}`);
    if (body !== undefined) headers.set('Content-Type', 'application/json');
    const request: RequestInit = { ...init, method, headers };
    if (body !== undefined) request.body = JSON.stringify(body);
    const response = await fetch(this.baseUrl + path, request).catch((): never => {
      throw new Problem('offline', '');
    });
    if (response.ok) return response;
    if (response.status === 401 && this.token) this.onSignedOut();
    throw await readProblem(response);
  }

  async get<T>(path: string): Promise<T> {
    return (await this.send('GET', path)).json() as Promise<T>;
  }

  async post<T>(path: string, body?: unknown): Promise<T> {
    const response = await this.send('POST', path, body);
    return (response.status === 204 ? undefined : await response.json()) as T;
  }

  async delete(path: string): Promise<void> {
    await this.send('DELETE', path);
  }
}
