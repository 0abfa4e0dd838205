import { css } from 'lit';

export const styles = css`
  :host { display: block; height: 100%; }
  .panes, main { height: 100%; }
  main { display: flex; flex-direction: column; position: relative; background: var(--pl-surface); }
  aside { display: none; height: 100%; background: var(--pl-surface); position: relative; min-width: 0; }
  .open main { display: none; }
  .open aside { display: block; }
  .top { display: flex; align-items: center; margin: 14px calc(var(--pl-side) - 10px) 6px var(--pl-side); position: relative; z-index: 3; flex: none; }
  h1 { flex: 1; margin: 0; font: 600 28px/var(--pl-line-title) var(--pl-font); letter-spacing: -0.01em; }
  .icon { all: unset; width: 44px; height: 44px; display: grid; place-items: center; border-radius: var(--pl-radius); color: var(--pl-ink-soft); cursor: pointer; }
  .icon:active { background: var(--pl-pressed); }
  .icon:focus-visible, .row:focus-visible { outline: 2px solid var(--pl-accent); outline-offset: -2px; }
  .search { margin: 0 var(--pl-side) 12px; display: flex; align-items: center; gap: 8px; padding: 0 12px; height: 44px; flex: none;
    border-radius: var(--pl-radius); background: var(--pl-sunken); color: var(--pl-ink-soft); }
  .search:focus-within { box-shadow: inset 0 0 0 2px var(--pl-accent); }
  .search pl-icon { width: 20px; height: 20px; }
  input[type='search'] { all: unset; flex: 1; min-width: 0; height: 44px; color: var(--pl-ink); font: 400 16px var(--pl-font); }
  .chips { display: flex; gap: 8px; padding: 0 var(--pl-side) 12px; overflow-x: auto; flex: none; scrollbar-width: none; }
  .chip { all: unset; flex: none; min-height: 36px; padding: 0 14px; border-radius: 18px; background: var(--pl-sunken); color: var(--pl-ink);
    font: 500 14px/36px var(--pl-font); cursor: pointer; position: relative; }
  .chip::after { content: ''; position: absolute; inset: -4px 0; }
  .chip[aria-pressed='true'] { background: var(--pl-accent-strong); color: var(--pl-on-accent); }
  .chip:focus-visible { outline: 2px solid var(--pl-accent); outline-offset: 2px; }
  .body { flex: 1; min-height: 0; position: relative; display: flex; }
  .list { flex: 1; overflow: auto; mask-image: var(--pl-soft-end); padding: 0 var(--pl-side) 96px; display: flex; flex-direction: column; scrollbar-width: none; }
  .list > pl-empty { flex: 1; }
  h2 { position: sticky; top: 0; z-index: 1; margin: 0 -4px; padding: 10px 8px 6px; background: var(--pl-surface); font: 600 14px/1.4 var(--pl-font); color: var(--pl-ink-soft); }
  .card { background: var(--pl-card); border-radius: var(--pl-radius-card); overflow: hidden; flex: none; margin-bottom: 4px; }
  .row { all: unset; box-sizing: border-box; width: 100%; min-height: 64px; padding: 10px 14px; display: flex; align-items: center; gap: 14px; cursor: pointer; position: relative; }
  .row:active { background: var(--pl-pressed); }
  .row + .row::before { content: ''; position: absolute; left: 68px; right: 0; top: 0; height: 1px; background: var(--pl-hairline); }
  .who { flex: 1; min-width: 0; display: grid; }
  .name, .under { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
  .name { font: 500 16px/1.4 var(--pl-font); }
  .under { font: 400 14px/1.4 var(--pl-font); color: var(--pl-ink-soft); }
  .mark { width: 18px; height: 18px; color: var(--pl-ink-soft); }
  .star { color: var(--pl-amber); --pl-glyph-fill: currentColor; }
  .index { position: absolute; right: 0; top: 0; bottom: 88px; width: 22px; display: flex; flex-direction: column; justify-content: center; touch-action: none; user-select: none; cursor: pointer; }
  .index span { flex: 0 1 18px; min-height: 0; display: grid; place-items: center; font: 600 11px/1 var(--pl-font); color: var(--pl-link); }
  .index .none { color: var(--pl-ink-soft); opacity: 0.55; font-weight: 400; }
  .index .now { color: var(--pl-on-accent); background: var(--pl-accent-strong); border-radius: 9px; }
  .new { all: unset; position: absolute; right: 28px; bottom: 24px; width: 56px; height: 56px; border-radius: 20px; display: grid; z-index: 2;
    place-items: center; background: var(--pl-accent-strong); color: var(--pl-on-accent); box-shadow: 0 4px 14px #1a2b4a3d; cursor: pointer; }
  .new:active { transform: scale(0.95); }
  .new:focus-visible, .undo button:focus-visible { outline: 2px solid var(--pl-accent); outline-offset: 2px; }
  .report { margin: 0 var(--pl-side) 12px; padding: 14px 16px; border-radius: var(--pl-radius-card); background: var(--pl-card); font: 400 14px/1.5 var(--pl-font); flex: none; }
  .report p { margin: 0 0 4px; }
  .report .bad { color: var(--pl-red); }
  progress { width: 100%; height: 6px; margin-top: 8px; appearance: none; border: 0; border-radius: 3px; overflow: hidden; background: var(--pl-sunken); display: block; }
  progress::-webkit-progress-bar { background: var(--pl-sunken); }
  progress::-webkit-progress-value { background: var(--pl-accent); }
  progress::-moz-progress-bar { background: var(--pl-accent); }
  .undo { position: fixed; left: 50%; bottom: 92px; transform: translateX(-50%); display: flex; align-items: center; gap: 16px; max-width: calc(100% - 40px); z-index: 4;
    padding: 4px 8px 4px 20px; border-radius: var(--pl-radius-card); background: var(--pl-ink); color: var(--pl-surface); font: 400 14px/1.4 var(--pl-font); }
  .undo span { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
  .undo button { all: unset; min-height: 44px; padding: 0 12px; font-weight: 600; cursor: pointer; white-space: nowrap; }
  [hidden] { display: none; }
  @media (min-width: 720px) {
    .panes { display: grid; grid-template-rows: minmax(0, 1fr); grid-template-columns: minmax(320px, 36%) minmax(0, 1fr); }
    main { border-right: 1px solid var(--pl-hairline); }
    .open main { display: flex; }
    aside { display: grid; }
    .open aside { display: block; }
    .row[aria-current='true'] { background: var(--pl-sunken); }
  }
`;
