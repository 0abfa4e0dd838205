import { css } from 'lit';

export const styles = css`
  :host { display: block; height: 100%; position: relative; }
  main { height: 100%; display: flex; flex-direction: column; position: relative; background: var(--pl-surface); }
  .top { display: flex; align-items: center; margin: 14px calc(var(--pl-side) - 10px) 10px var(--pl-side); flex: none; }
  h1 { flex: 1; min-width: 0; margin: 0; font: 600 22px/var(--pl-line-title) var(--pl-font); letter-spacing: -0.01em; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
  .icon, .today { all: unset; min-width: 40px; height: 44px; display: grid; place-items: center; border-radius: var(--pl-radius); color: var(--pl-ink-soft); cursor: pointer; }
  .today { padding: 0 6px; color: var(--pl-link); font: 500 14px/1 var(--pl-font); white-space: nowrap; }
  .icon:active, .today:active, .row:active { background: var(--pl-pressed); }
  button:focus-visible { outline: 2px solid var(--pl-accent); outline-offset: -2px; }
  pl-segments { margin: 0 var(--pl-side) 10px; flex: none; }
  .said { margin: 0 var(--pl-side) 10px; padding: 12px 16px; border-radius: var(--pl-radius-card); background: var(--pl-card); font: 400 14px/1.5 var(--pl-font); flex: none; }
  .said { display: grid; grid-template-columns: minmax(0, 1fr) auto; align-items: center; gap: 0 8px; }
  .said p { margin: 0; } .said .bad { color: var(--pl-red); }
  .said pl-skipped { grid-column: 1 / -1; }
  .said .icon { margin: -6px -8px -6px 0; }
  .month { padding: 0 calc(var(--pl-side) - 8px); flex: none; }
  .weekdays, .grid { display: grid; grid-template-columns: repeat(7, minmax(0, 1fr)); }
  .weekdays span { text-align: center; padding: 4px 0; font: 500 12px/1.4 var(--pl-font); color: var(--pl-ink-soft); }
  .cell { all: unset; position: relative; box-sizing: border-box; min-height: 46px; padding: 3px; display: flex; flex-direction: column; align-items: center; gap: 2px; border-radius: var(--pl-radius); cursor: pointer; min-width: 0; }
  .cell[aria-pressed='true'] { background: var(--pl-sunken); }
  .number { width: 28px; height: 28px; border-radius: 50%; display: grid; place-items: center; font: 500 16px/1 var(--pl-font); font-variant-numeric: tabular-nums; }
  .other .number { color: var(--pl-ink-soft); font-weight: 400; }
  .cell.today .number { background: var(--pl-accent-strong); color: var(--pl-on-accent); font-weight: 600; }
  .cell.today { padding: 3px; height: auto; color: inherit; }
  .spoken { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
  .bars { display: flex; gap: 3px; min-height: 6px; }
  .bars i { width: 6px; height: 6px; border-radius: 3px; background: var(--pl-accent); }
  .bars b { display: none; }
  .list { flex: 1; min-height: 0; overflow: auto; mask-image: var(--pl-soft-end); padding: 4px var(--pl-side) 96px; }
  h2 { margin: 12px 4px 8px; font: 500 14px/1.4 var(--pl-font); color: var(--pl-ink-soft); }
  .none { margin: 0 4px; font: 400 16px/1.5 var(--pl-font); color: var(--pl-ink-soft); }
  .card { background: var(--pl-card); border-radius: var(--pl-radius-card); overflow: hidden; }
  .row { all: unset; box-sizing: border-box; width: 100%; min-height: 64px; padding: 10px 16px; display: grid; grid-template-columns: 72px minmax(0, 1fr) auto; gap: 14px; align-items: center; cursor: pointer; position: relative; }
  .row + .row::before { content: ''; position: absolute; left: 102px; right: 0; top: 0; height: 1px; background: var(--pl-hairline); }
  .when { font: 500 14px/1.4 var(--pl-font); font-variant-numeric: tabular-nums; display: grid; white-space: nowrap; }
  .when small { font: 400 12px/1.4 var(--pl-font); color: var(--pl-ink-soft); }
  .what { min-width: 0; display: grid; padding-left: 12px; border-left: 3px solid var(--pl-accent); border-radius: 2px; }
  .name, .place { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
  .name { font: 500 16px/1.4 var(--pl-font); }
  .place { font: 400 14px/1.4 var(--pl-font); color: var(--pl-ink-soft); }
  .place.asks { color: var(--pl-link); }
  .block.cancelled, .whole.cancelled { background: var(--pl-sunken); color: var(--pl-ink-soft); }
  .cancelled .name, .cancelled > b { text-decoration: line-through; color: var(--pl-ink-soft); }
  .row pl-icon { width: 16px; height: 16px; color: var(--pl-ink-soft); }
  main > pl-empty { flex: 1; }
  .hours { flex: 1; min-height: 0; overflow: auto; mask-image: var(--pl-soft-end); padding-bottom: 96px; }
  .head, .day { display: grid; grid-template-columns: 52px repeat(var(--days), minmax(0, 1fr)); padding-right: 8px; }
  .head { position: sticky; top: 0; z-index: 2; background: var(--pl-surface); padding-bottom: 6px; row-gap: 2px; max-height: 40%; overflow-y: auto; scrollbar-width: none; box-shadow: 0 1px var(--pl-hairline); }
  .of { grid-row: 1; min-width: 0; display: grid; justify-items: center; gap: 2px; padding-bottom: 4px; font: 500 12px/1.4 var(--pl-font); color: var(--pl-ink-soft); white-space: nowrap; }
  .of b { width: 28px; height: 28px; border-radius: 50%; display: grid; place-items: center; font: 500 16px/1 var(--pl-font); color: var(--pl-ink); font-variant-numeric: tabular-nums; }
  .of.now { color: var(--pl-link); }
  .of.now b { background: var(--pl-accent-strong); color: var(--pl-on-accent); font-weight: 600; }
  .whole, .block { all: unset; box-sizing: border-box; border-radius: 6px; background: var(--pl-accent-strong); color: var(--pl-on-accent); overflow: hidden; cursor: pointer; }
  .whole { display: block; min-width: 0; padding: 3px 8px; margin: 0 1px; font: 500 12px/1.5 var(--pl-font); white-space: nowrap; text-overflow: ellipsis; text-align: left; }
  .whole.before { border-start-start-radius: 0; border-end-start-radius: 0; margin-left: 0; }
  .whole.after { border-start-end-radius: 0; border-end-end-radius: 0; margin-right: 0; }
  .day { position: relative; }
  .scale { grid-column: 1; }
  .scale span { position: absolute; left: 0; width: 46px; white-space: nowrap; text-align: right; transform: translateY(-50%); font: 400 11px/1 var(--pl-font); color: var(--pl-ink-soft); font-variant-numeric: tabular-nums; }
  .column { position: relative; border-left: 1px solid var(--pl-hairline); background: repeating-linear-gradient(to bottom, var(--pl-hairline) 0 1px, transparent 1px 48px); }
  .block { position: absolute; padding: 3px 6px; font: 400 12px/1.3 var(--pl-font); display: grid; align-content: start; }
  .block b { font-weight: 600; overflow-wrap: anywhere; }
  .block.short { padding-block: 2px; white-space: nowrap; }
  .block.short span { display: none; }
  .line { position: absolute; left: 0; right: 0; height: 2px; margin-top: -1px; border-radius: 1px; background: var(--pl-red); pointer-events: none; }
  .line::before { content: ''; position: absolute; left: -4px; top: -3px; width: 8px; height: 8px; border-radius: 50%; background: inherit; }
  .new { all: unset; position: absolute; right: 28px; bottom: 24px; width: 56px; height: 56px; border-radius: 20px; display: grid; z-index: 3;
    place-items: center; background: var(--pl-accent-strong); color: var(--pl-on-accent); box-shadow: 0 4px 14px #1a2b4a3d; cursor: pointer; }
  .new:active { transform: scale(0.95); }
  .undo { position: fixed; left: 50%; bottom: 92px; transform: translateX(-50%); display: flex; align-items: center; gap: 16px; max-width: calc(100% - 40px); z-index: 4;
    padding: 4px 8px 4px 20px; border-radius: var(--pl-radius-card); background: var(--pl-ink); color: var(--pl-surface); font: 400 14px/1.4 var(--pl-font); white-space: nowrap; }
  .undo button { all: unset; min-height: 44px; padding: 0 12px; font-weight: 600; cursor: pointer; }
  .undo button:focus-visible { outline: 2px solid var(--pl-accent); outline-offset: 2px; }
  [hidden] { display: none; }
  @media (min-width: 720px) {
    main { display: flex; }
    pl-segments { max-width: 420px; }
    .cell { min-height: 64px; }
    .bars { flex-direction: column; width: 100%; }
    .bars i { width: 100%; height: auto; background: none; font-style: normal; }
    .bars b { display: block; padding: 0 4px; border-left: 3px solid var(--pl-accent); overflow: hidden; text-overflow: ellipsis; white-space: nowrap; font: 400 12px/1.4 var(--pl-font); }
  }
`;
