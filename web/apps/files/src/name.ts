/** A name on one line: where it has no room it is cut before its ending, which tells the kind. */

import { css, html, type LitElement } from 'lit';
import { halves } from './entry.ts';

export const nameStyles = css`
  .name { display: flex; position: relative; min-width: 0; font: 500 16px/1.4 var(--pl-font); white-space: pre; }
  .name .whole { position: absolute; inset: 0; overflow: hidden; opacity: 0; }
  .name [data-part]::before { content: attr(data-part); }
  .name .stem { overflow: hidden; text-overflow: ellipsis; min-width: 0; flex: 0 1 auto; }
  .name .end { flex: none; max-width: calc(100% - 1.5em); overflow: hidden; }
`;

/** Shown in two parts, and read as the one name that it is. */
export function nameLine(name: string) {
  const [stem, end] = halves(name);
  return html`<span class="name" title=${name}><span class="whole">${name}</span><span class="stem" data-part=${stem} aria-hidden="true"></span><span class="end" data-part=${end} aria-hidden="true"></span></span>`;
}

/** Puts the cursor into the field of a name, once it is there. */
export function focusName(host: LitElement): void {
  void host.updateComplete.then(() =>
    host.renderRoot.querySelector<HTMLElement>('.naming pl-field')?.focus(),
  );
}
