import { css } from 'lit';

export const repeatStyles = css`
  :host { position: static; inset: auto; display: block; background: none; }
  .line { display: flex; align-items: center; gap: 10px; padding: 4px 2px; min-height: 44px; font: 400 16px/1.4 var(--pl-font); color: var(--pl-ink); }
  .line input { width: 84px; flex: none; text-align: center; }
  .early { margin: 4px 2px 0; font: 400 14px/1.4 var(--pl-font); color: var(--pl-ink-soft); }
  .week { display: grid; grid-template-columns: repeat(7, minmax(0, 44px)); justify-content: space-between; gap: 4px; padding: 6px 0; }
  .week button { all: unset; box-sizing: border-box; aspect-ratio: 1; display: grid; place-items: center; border-radius: 50%; background: var(--pl-sunken); color: var(--pl-ink-soft); font: 500 15px/1 var(--pl-font); cursor: pointer; }
  .week [aria-pressed='true'] { background: var(--pl-accent-strong); color: var(--pl-on-accent); }
  .week button:focus-visible { outline: 2px solid var(--pl-accent); outline-offset: 2px; }
`;
