/** How a streamed app is opened and found again over HTTP. */

import { localeTag } from '../../../kit/src/i18n/index.ts';
import { reducedMotion } from '../../../kit/src/theme/motion.ts';
import type { Api } from '../deps.ts';
import { Problem } from '../session/problem.ts';

export interface Place {
  url: string;
  ticket: string;
}

interface Opened extends Place {
  session: string;
}

/** CSS pixels of the window; the app gets at most two of its own for each. */
export interface Room {
  width: number;
  height: number;
  ratio: number;
  theme: 'light' | 'dark';
}

/** Tickets serve once: each call of `connect` fetches a new one, and opens the app where it was not open yet. */
export class CloudApp {
  session?: string;
  private url = '';

  constructor(
    private readonly api: Api,
    private readonly app: string,
    private readonly room: () => Room,
  ) {}

  /** Undefined where the app that was open runs no more; the next call opens it anew. */
  connect = async (): Promise<Place | undefined> => {
    if (this.session) {
      try {
        const again = await this.api.post<Partial<Place>>(`/sessions/${this.session}/ticket`);
        return { url: again.url ?? this.url, ticket: again.ticket ?? '' };
      } catch (error) {
        if (!(error instanceof Problem) || error.status !== 404) throw error;
        this.session = undefined;
        return undefined;
      }
    }
    const { width, height, ratio, theme } = this.room();
    const scale = Math.min(ratio, 2);
    const opened = await this.api.post<Opened>(`/apps/${encodeURIComponent(this.app)}/open`, {
      width: even(width * scale),
      height: even(height * scale),
      dpi: Math.round(160 * scale),
      locale: localeTag(),
      theme,
      time_zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
      reduced_motion: reducedMotion(),
    });
    this.session = opened.session;
    this.url = opened.url;
    return { url: opened.url, ticket: opened.ticket };
  };

  async end(): Promise<void> {
    if (this.session) await this.api.delete(`/sessions/${this.session}`);
    this.session = undefined;
  }
}

/** Video encoders want even sides. */
function even(length: number): number {
  return Math.max(2, Math.round(length / 2) * 2);
}
