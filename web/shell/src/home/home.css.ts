import { css } from 'lit';

export const homeStyles = css`
  :host { position: absolute; inset: 0; color: #fdfeff; container-type: size; user-select: none; }
  .home { position: absolute; inset: 44px 0 28px; display: grid; grid-template: auto minmax(0, 1fr) 16px auto / minmax(0, 1fr); }
  :host([buttons]) .home { bottom: 52px; }
  button { all: unset; box-sizing: border-box; cursor: pointer; }
  button:focus-visible { outline: 2px solid #fdfeff; outline-offset: 2px; border-radius: 16px; }
  .glance { margin: 10px 20px 8px; min-height: 60px; padding: 8px 16px 8px 12px; border-radius: 22px; display: flex; gap: 12px; align-items: center;
    background: #0d1d3a4d; backdrop-filter: blur(24px) saturate(1.4); box-shadow: inset 0 0 0 1px #ffffff1f; transition: transform 120ms; justify-self: start; max-width: calc(100% - 40px); }
  .glance:active { transform: scale(0.98); }
  .glance b { display: block; font: 600 15px/1.35 var(--pl-font); }
  .glance small { display: block; font: 400 13px/1.35 var(--pl-font); opacity: 0.92; text-wrap: balance; font-variant-numeric: tabular-nums; }
  :host(:lang(zh)) .glance small { word-break: keep-all; }
  .cloud { flex: none; width: 40px; height: 40px; border-radius: 50%; display: grid; place-items: center; background: #ffffff26; }
  .cloud.waiting { background: #fff; color: #a55f00; }
  .pages { display: flex; overflow-x: auto; overflow-y: hidden; scroll-snap-type: x mandatory; scrollbar-width: none; touch-action: pan-x; }
  .page { flex: 0 0 100%; scroll-snap-align: start; display: grid; grid-template: repeat(var(--rows), minmax(0, 1fr)) / repeat(var(--columns), minmax(0, 1fr)); padding: 4px 12px; box-sizing: border-box; }
  .cell { display: grid; place-items: center; min-width: 0; min-height: 0; }
  .app { display: grid; justify-items: center; gap: 5px; width: 100%; min-width: 44px; min-height: 44px; touch-action: none; transition: opacity 120ms; -webkit-touch-callout: none; }
  .page .app { touch-action: pan-x; }
  .app pl-app-icon { width: 60px; height: 60px; transition: transform 140ms; filter: drop-shadow(0 3px 8px #0b1f4033); }
  .app:active pl-app-icon { transform: scale(0.92); }
  .app.dragged { position: relative; z-index: 5; opacity: 0.92; pointer-events: none; }
  .app span { font: 500 12.5px/1.3 var(--pl-font); max-width: 100%; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; padding: 0 4px; box-sizing: border-box; text-shadow: 0 0 6px #0a162d8c, 0 1px 2px #0a162d73; }
  .dots { display: flex; justify-content: center; align-items: center; gap: 7px; }
  .dots[hidden] { visibility: hidden; }
  .dots i { width: 6px; height: 6px; border-radius: 50%; background: #fdfeff; opacity: 0.4; }
  .dots i[on] { opacity: 1; }
  .dock { margin: 6px 14px 6px; padding: 12px 6px; min-height: 86px; box-sizing: border-box; border-radius: 32px; display: grid; grid-auto-flow: column; grid-auto-columns: minmax(0, 1fr);
    background: #f4f8ff38; backdrop-filter: blur(28px) saturate(1.5); box-shadow: inset 0 0 0 1px #ffffff24; }
  .dock[hidden] { visibility: hidden; }
  .tablet.home { grid-template: auto minmax(0, 1fr) 16px / minmax(0, 1fr) auto; }
  .tablet .glance { margin: 16px 32px 8px; }
  .tablet .page { padding: 8px 40px 12px 32px; }
  .tablet .app pl-app-icon { width: 68px; height: 68px; }
  .tablet .app span { font-size: 13.5px; }
  .tablet .dock { grid-column: 2; grid-row: 1 / 4; align-self: center; margin: 0 20px 0 0; padding: 14px 12px; grid-auto-flow: row; grid-auto-columns: auto; gap: 18px; border-radius: 34px; }
  @container (max-height: 720px) {
    .app pl-app-icon { width: 52px; height: 52px; }
    .app { gap: 3px; }
    .app span { font-size: 12px; }
    .dock { min-height: 70px; padding: 8px 6px; border-radius: 26px; }
  }
  @container (max-height: 620px) {
    .glance { min-height: 48px; margin-block: 2px; }
    .page .app pl-app-icon { width: 44px; height: 44px; }
  }
  @media (prefers-reduced-motion: reduce) { .app pl-app-icon, .glance { transition: none; } }
`;
