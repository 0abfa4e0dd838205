/** Uploads under way, as a page of Files or of the vault shows them. */

import { bytes, t } from '@pileus/kit';
import { BridgeError, type Transfer, type Upload } from '@pileus/sdk';
import { html, nothing, type ReactiveControllerHost } from 'lit';
import { short } from './entry.ts';
import { nameLine } from './name.ts';
import { why } from './words.ts';

export interface Sending {
  name: string;
  upload: Upload;
  transfer: Transfer<unknown>;
}

export class Sendings {
  private under: readonly Sending[] = [];

  /** `failed` is told why one ended, unless its owner cancelled it; `ended` after each. `say`: why, in words. */
  constructor(
    private readonly host: ReactiveControllerHost,
    private readonly failed: (words: string) => void,
    private readonly ended: () => void,
    private readonly say: (error: unknown) => string = why,
  ) {}

  get none(): boolean {
    return this.under.length === 0;
  }

  /** `begin` starts the upload, and tells of it through what it is given; `kept` hears what came of it. */
  add<T>(
    file: File,
    begin: (show: (upload: Upload) => void) => Transfer<T>,
    kept: (result: T) => void = () => undefined,
  ): void {
    const transfer = begin((upload) => this.change(transfer, { name: file.name, upload, transfer }));
    const upload: Upload = { sent: 0, size: file.size, state: 'sending' };
    this.set([...this.under, { name: file.name, upload, transfer }]);
    transfer.done
      .then(kept)
      .catch((error: unknown) => {
        if (!(error instanceof BridgeError && error.code === 'cancelled'))
          this.failed(t('files.failed', { name: short(file.name), why: this.say(error) }));
      })
      .finally(() => {
        this.change(transfer, undefined);
        this.ended();
      });
  }

  /** A row for each; `acts` is what can be done with it. */
  render(acts: (one: Sending) => unknown) {
    if (this.none) return nothing;
    return html`<div class="card">${this.under.map((one) => {
      const { name, upload } = one;
      const sizes = { sent: bytes(upload.sent), size: bytes(upload.size) };
      return html`<div class="row"><span class="lead"><pl-icon name="cloud-upload"></pl-icon></span>
        <div class="what">${nameLine(name)}<span class="under" role="status">${t(`files.${upload.state}`, sizes)}</span>
          <progress max=${upload.size || 1} .value=${upload.sent} aria-label=${name}></progress></div>
        ${acts(one)}</div>`;
    })}</div>`;
  }

  private change(transfer: Transfer<unknown>, sending: Sending | undefined): void {
    this.set(this.under.flatMap((one) => (one.transfer !== transfer ? [one] : sending ? [sending] : [])));
  }

  private set(under: readonly Sending[]): void {
    this.under = under;
    this.host.requestUpdate();
  }
}
