import { css } from 'lit';

/** Of the whole: the list, and beside or over it one page. */
export const frameStyles = css`
  :host { display: block; height: 100%; overflow: auto; mask-image: var(--pl-soft-end); background: var(--pl-surface); color: var(--pl-ink); scrollbar-width: thin; }
  nav, main { padding: 8px 16px 32px; display: grid; grid-auto-rows: max-content; gap: 12px; align-content: start; max-width: 640px; margin: 0 auto; box-sizing: border-box; }
  .wide { display: grid; grid-template-columns: 360px minmax(0, 1fr); height: 100%; }
  .wide nav { border-right: 1px solid var(--pl-hairline); padding: 16px 20px 32px; margin: 0; overflow: auto; }
  .wide main { width: 100%; padding: 16px 32px 32px; overflow: auto; }
`;

/** Of a page that is an element of its own. */
export const pageStyles = css`
  :host { display: grid; grid-template-columns: minmax(0, 1fr); grid-auto-rows: max-content; gap: 12px; align-content: start; color: var(--pl-ink); }
  .fields { display: grid; grid-template-columns: minmax(0, 1fr); gap: 16px; padding: 20px; }
  .fields pl-button { margin-top: 4px; }
`;

/** What all pages are made of. */
export const settingsStyles = css`
  header { display: flex; align-items: center; gap: 4px; min-height: 56px; }
  h1 { font: 600 28px/1.2 var(--pl-font); letter-spacing: -0.02em; margin: 12px 4px; }
  header h1 { font-size: 22px; margin: 0 4px; }
  h2 { font: 600 14px/1.4 var(--pl-font); color: var(--pl-ink-soft); margin: 16px 4px 0; }
  button { all: unset; box-sizing: border-box; cursor: pointer; }
  button:focus-visible { outline: 2px solid var(--pl-accent); outline-offset: -2px; border-radius: 16px; }
  .back { width: 44px; height: 44px; display: grid; place-items: center; margin-left: -8px; }
  .card { background: var(--pl-card); border-radius: 20px; overflow: hidden; }
  .pad { padding: 20px; display: grid; gap: 10px; }
  .me { display: grid; grid-template-columns: 52px 1fr 20px; gap: 14px; align-items: center; padding: 16px; width: 100%; }
  .take { grid-template-columns: 40px 1fr; }
  .face { width: 52px; height: 52px; border-radius: 50%; display: grid; place-items: center; font: 600 22px var(--pl-font); color: #fdfeff;
    background: linear-gradient(150deg, #63a6fb, #2465e8); }
  b { font: 600 16px/1.4 var(--pl-font); display: block; }
  small { font: 400 14px/1.4 var(--pl-font); color: var(--pl-ink-soft); display: block; font-variant-numeric: tabular-nums; }
  .row { display: grid; grid-template-columns: 40px minmax(0, 1fr) auto; gap: 14px; align-items: center; min-height: 64px; padding: 8px 16px; width: 100%; box-sizing: border-box; position: relative; }
  .row b { overflow-wrap: anywhere; }
  .row + .row::before { content: ""; position: absolute; top: 0; left: 70px; right: 0; height: 1px; background: var(--pl-hairline); }
  .row[aria-current='page'] { background: var(--pl-sunken); }
  .row > pl-icon, .me > pl-icon { width: 20px; height: 20px; color: var(--pl-ink-soft); opacity: 0.7; }
  button.row:active, .me:active { background: var(--pl-pressed); }
  .lead { width: 40px; height: 40px; border-radius: 12px; display: grid; place-items: center; color: #fdfeff; }
  .lead pl-icon { width: 22px; height: 22px; }
  .lead.soft { background: var(--pl-sunken); color: var(--pl-ink); }
  .alarm .lead.soft { color: var(--pl-red); }
  .text { min-height: 44px; padding: 0 12px; color: var(--pl-red); font: 500 14px/44px var(--pl-font); }
  .text.alone { justify-self: center; margin-top: 8px; border-radius: 12px; }
  .skies { display: grid; grid-template-columns: repeat(4, 1fr); gap: 10px; }
  .skies button { display: grid; gap: 8px; justify-items: center; font: 500 13px/1.3 var(--pl-font); color: var(--pl-ink-soft); }
  .skies span { position: relative; width: 100%; aspect-ratio: 9 / 16; border-radius: 16px; overflow: hidden; display: block; }
  .skies [aria-checked='true'] { color: var(--pl-ink); }
  .skies [aria-checked='true'] span { box-shadow: 0 0 0 2px var(--pl-surface), 0 0 0 4px var(--pl-accent); }
  .bar { height: 10px; border-radius: 5px; background: var(--pl-sunken); overflow: hidden; }
  .bar i { display: block; height: 100%; background: var(--pl-accent); transform-origin: left; border-radius: 5px; }
  .line { grid-auto-flow: column; justify-content: start; align-items: center; }
  .about { justify-items: center; text-align: center; padding: 32px 24px; }
  .about pl-app-icon { width: 84px; height: 84px; }
  .about p { margin: 4px 0 0; max-width: 36ch; color: var(--pl-ink-soft); text-wrap: balance; }
  .note { margin: 4px; font: 400 14px/1.5 var(--pl-font); color: var(--pl-ink-soft); }
  .problem { margin: 0; padding: 12px 16px; border-radius: 12px; color: var(--pl-red); background: color-mix(in srgb, var(--pl-red) 12%, transparent); font: 500 14px/1.4 var(--pl-font); }
  .said { margin: 0; padding: 12px 16px; border-radius: 12px; color: var(--pl-green); background: color-mix(in srgb, var(--pl-green) 12%, transparent); font: 500 14px/1.4 var(--pl-font); }
  pl-button { margin-top: 4px; }
`;

/** What lies open under a row: a search, and items to choose from. */
export const insideStyles = css`
  .inside { display: grid; gap: 8px; padding: 4px 16px 16px; background: var(--pl-sunken); }
  .inside pl-button { margin: 0; }
  .inside pl-field { --pl-sunken: var(--pl-card); margin: 10px 0 4px; }
  .inside pl-field + pl-field { margin-top: 4px; }
  .inside input { font: 400 16px/1.4 var(--pl-font); color: var(--pl-ink); background: var(--pl-card); border: 1px solid var(--pl-hairline); border-radius: 12px; padding: 10px 14px; min-width: 0; }
  .item { display: grid; grid-template-columns: 1fr auto; gap: 12px; align-items: center; min-height: 56px; }
  .item > span { overflow-wrap: anywhere; min-width: 0; }
  .item small { display: block; color: var(--pl-ink-soft); font: 400 13px/1.4 var(--pl-font); }
`;
