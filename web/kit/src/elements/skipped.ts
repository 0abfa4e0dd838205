import { css, html, LitElement } from 'lit';
import { property } from 'lit/decorators.js';
import { has, t } from '../i18n/index.ts';

export interface SkippedItem {
  line: number;
  name: string;
  code: string;
}

/**
 * What a file's import left out, and why. The words are the app's own: `APP.skipped-one`, `APP.more-skipped`,
 * `APP.nameless`, and by code `APP.why-CODE`, `APP.why-other`.
 */
export class PlSkipped extends LitElement {
  static override styles = css`
    ul { margin: 4px 0 8px; padding-left: 20px; color: var(--pl-ink-soft); max-height: 140px; overflow: auto; overflow-wrap: anywhere; }
  `;
  @property() app = '';
  @property({ attribute: false }) items: readonly SkippedItem[] = [];
  /** Of all, those without a line here, too. */
  @property({ type: Number }) count = 0;

  override render() {
    const left = this.count - this.items.length;
    return html`<ul>${this.items.map(({ line, name, code }) => {
      const why = `${this.app}.why-${code}`;
      return html`<li>${t(`${this.app}.skipped-one`, {
        line: String(line),
        name: name || t(`${this.app}.nameless`),
        why: t(has(why) ? why : `${this.app}.why-other`),
      })}</li>`;
    })}${left > 0 ? html`<li>${t(`${this.app}.more-skipped`, { count: left })}</li>` : ''}</ul>`;
  }
}
customElements.define('pl-skipped', PlSkipped);
