/** Signal and battery as the status bar draws them: filled by how much there is. */

import { css, svg } from 'lit';

export const gaugeStyles = css`
  .gauge { flex: none; height: 18px; fill: currentColor; display: block; }
  .gauge .rest { opacity: 0.35; }
`;

/** Four bars, `bars` of them full. */
export function signalGauge(bars: number) {
  return svg`<svg class="gauge" viewBox="0 0 18 18" width="18" aria-hidden="true">${[0, 1, 2, 3].map(
    (at) =>
      svg`<rect class=${at < bars ? '' : 'rest'} x=${1 + at * 4.2} y=${11 - at * 3} width="3" height=${4 + at * 3} rx="1"/>`,
  )}</svg>`;
}

/** A battery with its charge inside, and a flash where it is charged. */
export function batteryGauge(percentage: number, charging: boolean) {
  const width = Math.max(1.5, (percentage / 100) * 17);
  return svg`<svg class="gauge" viewBox="0 0 26 18" width="26" aria-hidden="true">
    <rect x="1" y="3.6" width="21" height="10.8" rx="3.2" fill="none" stroke="currentColor" stroke-width="1.2" class="rest"/>
    <rect class="rest" x="23" y="7" width="1.8" height="4" rx="0.9"/>
    <rect x="3" y="5.6" width=${width} height="6.8" rx="1.6"/>
    ${charging ? svg`<path d="M13.6 1.2 7.6 10h4l-1.2 6.8 6-8.8h-4z" stroke="var(--pl-flash-edge, #0a162d66)" stroke-width="1" paint-order="stroke"/>` : ''}</svg>`;
}
