/** What was deleted last, offered to be taken back for a while: after that it is in the trash, where it was told. */

import { t } from '@pileus/kit';
import { html, nothing, type ReactiveController, type ReactiveControllerHost } from 'lit';
import { type Entry, short } from './entry.ts';

const OFFERED_MS = 8000;

export class Deleted implements ReactiveController {
  private entry: Entry | undefined;
  /** A list without it was seen: an older one may come late. */
  private absent = false;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly host: ReactiveControllerHost,
    private readonly restore: (entry: Entry) => Promise<void>,
  ) {
    host.addController(this);
  }

  hostDisconnected(): void {
    this.show(undefined);
  }

  tell(entry: Entry): void {
    this.show(entry);
    this.timer = setTimeout(() => this.show(undefined), OFFERED_MS);
  }

  /** What is there again was taken back elsewhere. */
  meet(entries: readonly Entry[]): void {
    if (!entries.some(({ id }) => id === this.entry?.id)) this.absent = true;
    else if (this.absent) this.show(undefined);
  }

  card() {
    const { entry } = this;
    if (!entry) return nothing;
    const back = () => {
      this.show(undefined);
      void this.restore(entry);
    };
    return html`<div class="failed told" role="status"><span>${t('files.deleted', { name: short(entry.name) })}</span>
      <pl-button @click=${back}>${t('files.undo')}</pl-button></div>`;
  }

  private show(entry: Entry | undefined): void {
    clearTimeout(this.timer);
    this.entry = entry;
    this.absent = false;
    this.host.requestUpdate();
  }
}
