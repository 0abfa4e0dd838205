import { css } from 'lit';

export const styles = css`
  :host { display: block; height: 100%; }
  .panes, main { height: 100%; }
  main { display: flex; flex-direction: column; position: relative; background: var(--pl-surface); box-sizing: border-box; }
  aside { display: none; height: 100%; background: var(--pl-surface); }
  .open main { display: none; }
  .open aside { display: block; }
  h1 { margin: 20px var(--pl-side) 12px; font: 600 28px/var(--pl-line-title) var(--pl-font); letter-spacing: -0.01em; }
  h2 { margin: 20px 4px 8px; font: 500 14px/1.4 var(--pl-font); color: var(--pl-ink-soft); }
  .search { margin: 0 var(--pl-side); display: flex; align-items: center; gap: 8px; padding: 0 12px; height: 44px; flex: none;
    border-radius: var(--pl-radius); background: var(--pl-sunken); color: var(--pl-ink-soft); }
  .search:focus-within { box-shadow: inset 0 0 0 2px var(--pl-accent); }
  .search pl-icon { width: 20px; height: 20px; }
  input { all: unset; flex: 1; min-width: 0; height: 44px; color: var(--pl-ink); font: 400 16px var(--pl-font); }
  .list { flex: 1; overflow: auto; mask-image: var(--pl-soft-end); padding: 0 var(--pl-side) 96px; display: flex; flex-direction: column; }
  .list > pl-empty { flex: 1; }
  .card { background: var(--pl-card); border-radius: var(--pl-radius-card); overflow: hidden; }
  .row { all: unset; box-sizing: border-box; width: 100%; min-height: 64px; padding: 10px 16px; display: grid; position: relative;
    grid-template-columns: minmax(0, 1fr) auto; align-content: center; gap: 2px 8px; cursor: pointer; }
  .row + .row { box-shadow: inset 0 1px var(--pl-hairline); }
  .row:active { background: var(--pl-pressed); }
  .row:focus-visible { outline: 2px solid var(--pl-accent); outline-offset: -2px; }
  .name, .under { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; grid-column: 1; }
  .name { font: 500 16px/1.4 var(--pl-font); }
  .under { font: 400 14px/1.4 var(--pl-font); color: var(--pl-ink-soft); }
  time { margin-right: 8px; font-variant-numeric: tabular-nums; }
  .pending { grid-column: 2; grid-row: 1 / 3; align-self: center; width: 18px; height: 18px; color: var(--pl-ink-soft); }
  .new { all: unset; position: absolute; right: 20px; bottom: 24px; width: 56px; height: 56px; border-radius: 20px; display: grid;
    place-items: center; background: var(--pl-accent-strong); color: var(--pl-on-accent); box-shadow: 0 4px 14px #1a2b4a3d; cursor: pointer; }
  .new:active { transform: scale(0.95); }
  .new:focus-visible, .undo button:focus-visible { outline: 2px solid var(--pl-accent); outline-offset: 2px; }
  .undo { position: fixed; left: 50%; bottom: 92px; transform: translateX(-50%); display: flex; align-items: center; gap: 16px;
    padding: 4px 8px 4px 20px; border-radius: var(--pl-radius-card); background: var(--pl-ink); color: var(--pl-surface);
    font: 400 14px/1.4 var(--pl-font); white-space: nowrap; }
  .undo button { all: unset; min-height: 44px; padding: 0 12px; font-weight: 600; cursor: pointer; }
  @media (min-width: 720px) {
    .panes { display: grid; grid-template-rows: minmax(0, 1fr); grid-template-columns: minmax(300px, 36%) 1fr; }
    main { border-right: 1px solid var(--pl-hairline); }
    .open main { display: flex; }
    aside { display: grid; }
    .open aside { display: block; }
    .row[aria-current='true'] { background: var(--pl-sunken); }
  }
`;
