/** A name on one line: where it has no room it is cut before its ending, which tells the kind. */

import { css, html } from 'lit';
import { halves } from './entry.ts';

export const nameStyles = css`
  .name { display: flex; min-width: 0; font: 500 16px/1.4 var(--pl-font); white-space: pre; }
  .name > :first-child { overflow: hidden; text-overflow: ellipsis; min-width: 0; flex: 0 1 auto; }
  .name > :last-child { flex: none; max-width: calc(100% - 1.5em); overflow: hidden; }
`;

export function nameLine(name: string) {
  const [stem, end] = halves(name);
  return html`<span class="name" title=${name}><span>${stem}</span><span>${end}</span></span>`;
}
