import { css, html, LitElement, svg } from 'lit';
import { property } from 'lit/decorators.js';

export const SKIES = ['morning', 'noon', 'dusk', 'night'] as const;
export type SkyName = (typeof SKIES)[number];

export function isSky(value: unknown): value is SkyName {
  return SKIES.includes(value as SkyName);
}

const FAR = 'M-10 690 C40 650 90 640 140 664 S240 712 290 676 S370 632 400 650 V860 H-10Z';
const NEAR = 'M-10 770 C50 722 120 716 190 748 S330 790 400 730 V860 H-10Z';
/** What a radius in percent is measured against: √((390² + 844²) / 2). */
const DIAGONAL = 657;

interface Sky {
  stops: readonly [string, string, string, string];
  glow: string;
  far: string;
  near: string;
  sun: readonly [number, number, number];
  stars: number;
}

const LOOKS: Record<SkyName, Sky> = {
  morning: {
    stops: ['#3f78c2', '#6f9fd6', '#e0b8a8', '#f6cfa4'],
    glow: '#ffe3b8',
    far: '#7f8fb8',
    near: '#4b6291',
    sun: [290, 560, 42],
    stars: 0,
  },
  noon: {
    stops: ['#1c5fc0', '#3c86dc', '#76b3ee', '#b7dcf8'],
    glow: '#e9f4ff',
    far: '#5f9ad6',
    near: '#2f6cb0',
    sun: [70, 470, 0],
    stars: 0,
  },
  dusk: {
    stops: ['#252b63', '#5b4a8e', '#b9648a', '#f0996b'],
    glow: '#ffb27a',
    far: '#5d4078',
    near: '#332a5a',
    sun: [110, 610, 50],
    stars: 24,
  },
  night: {
    stops: ['#070c1f', '#0f1b3d', '#1c3260', '#375585'],
    glow: '#b9cdf2',
    far: '#1a2b52',
    near: '#0c1733',
    sun: [318, 268, 19],
    stars: 70,
  },
};

/** A drawn sky: gradient, a low sun or moon, two far hills, stars at night. Always the same picture. */
export class PlSky extends LitElement {
  static override styles = css`
    :host { display: block; position: absolute; inset: 0; overflow: hidden; }
    svg { width: 100%; height: 100%; display: block; }
  `;
  @property() name: SkyName = 'noon';

  override render() {
    const sky = LOOKS[this.name];
    const [x, y, r] = sky.sun;
    return html`<svg aria-hidden="true">
      <defs>
        <linearGradient id="air" x1="0" y1="0" x2="0" y2="1">
          ${[0, 0.34, 0.7, 1].map((at, i) => svgStop(at, sky.stops[i]!))}
        </linearGradient>
        <radialGradient id="glow"><stop offset="0" stop-color=${sky.glow} stop-opacity=".5"></stop>
          <stop offset=".35" stop-color=${sky.glow} stop-opacity=".18"></stop>
          <stop offset="1" stop-color=${sky.glow} stop-opacity="0"></stop></radialGradient>
        <linearGradient id="mist" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="#fff" stop-opacity=".0"></stop>
          <stop offset="1" stop-color="#fff" stop-opacity=".16"></stop></linearGradient>
      </defs>
      <rect width="100%" height="100%" fill="url(#air)"></rect>
      ${stars(sky.stars)}
      <circle cx=${part(x, 390)} cy=${part(y, 844)} r=${part(r ? r * 6 : 300, DIAGONAL)} fill="url(#glow)"></circle>
      <circle cx=${part(x, 390)} cy=${part(y, 844)} r=${part(r, DIAGONAL)} fill=${sky.glow} fill-opacity=".9"></circle>
      <svg y="74%" width="100%" height="26%" viewBox="0 625 390 219" preserveAspectRatio="none">
        <path d=${FAR} fill=${sky.far} fill-opacity=".55"></path>
        <path d=${FAR} fill="url(#mist)"></path>
        <path d=${NEAR} fill=${sky.near} fill-opacity=".72"></path>
      </svg>
    </svg>`;
  }
}
customElements.define('pl-sky', PlSky);

/** A length of the 390 × 844 drawing as a share of whatever it is drawn on. */
function part(length: number, whole: number): string {
  return `${((100 * length) / whole).toFixed(2)}%`;
}

function svgStop(at: number, colour: string) {
  return svg`<stop offset=${at} stop-color=${colour}></stop>`;
}

function stars(count: number) {
  let seed = 7;
  const next = () => {
    seed = (seed * 16807) % 2147483647;
    return seed / 2147483647;
  };
  return Array.from(
    { length: count },
    () =>
      svg`<circle cx=${part(next(), 1)} cy=${part(next() * 0.57, 1)} r=${(0.5 + next() * 0.9).toFixed(2)}
        fill="#fff" fill-opacity=${(0.25 + next() * 0.6).toFixed(2)}></circle>`,
  );
}
