import { css } from 'lit';

export const styles = css`
  :host { display: block; height: 100%; }
  .panes, main { height: 100%; }
  main { display: flex; flex-direction: column; background: var(--pl-surface); }
  aside { display: none; height: 100%; background: var(--pl-surface); }
  .open main { display: none; }
  .open aside { display: block; }
  .top { display: flex; align-items: center; margin: 14px calc(var(--pl-side) - 10px) 6px var(--pl-side); }
  h1 { flex: 1; margin: 0; font: 600 28px/var(--pl-line-title) var(--pl-font); letter-spacing: -0.01em; }
  .icon { all: unset; width: 44px; height: 44px; display: grid; place-items: center; border-radius: var(--pl-radius); color: var(--pl-ink-soft); cursor: pointer; }
  .icon:active { background: var(--pl-pressed); }
  .icon:focus-visible, .row:focus-visible { outline: 2px solid var(--pl-accent); outline-offset: -2px; }
  pl-segments { margin: 0 var(--pl-side) 12px; flex: none; }
  .search { margin: 0 var(--pl-side) 12px; display: flex; align-items: center; gap: 8px; padding: 0 12px; height: 44px; flex: none;
    border-radius: var(--pl-radius); background: var(--pl-sunken); color: var(--pl-ink-soft); }
  .search:focus-within { box-shadow: inset 0 0 0 2px var(--pl-accent); }
  .search pl-icon { width: 20px; height: 20px; }
  input[type='search'] { all: unset; flex: 1; min-width: 0; height: 44px; color: var(--pl-ink); font: 400 16px var(--pl-font); }
  input[type='search']::-webkit-search-cancel-button { display: none; }
  .search .icon { margin-right: -12px; }
  .last { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; font: 400 14px/1.4 var(--pl-font); color: var(--pl-ink-soft); grid-area: 2 / 2 / auto / -1; }
  .unread .last { padding-right: 40px; }
  .last.whole { white-space: normal; display: -webkit-box; -webkit-line-clamp: 2; -webkit-box-orient: vertical; }
  .unread .last, .unread .name { color: var(--pl-ink); font-weight: 600; }
  mark { background: none; color: var(--pl-link); font-weight: 600; }
  .dot { grid-area: 2 / 3; min-width: 20px; height: 20px; padding: 0 6px; box-sizing: border-box; border-radius: 10px; background: var(--pl-accent-strong); color: var(--pl-on-accent);
    font: 600 12px/20px var(--pl-font); text-align: center; justify-self: end; }
  .said { margin: 0 4px 10px; font: 400 14px/1.4 var(--pl-font); color: var(--pl-ink-soft); }
  .report { margin: 0 var(--pl-side) 12px; padding: 14px 16px; border-radius: var(--pl-radius-card); background: var(--pl-card); font: 400 14px/1.5 var(--pl-font); flex: none; }
  .report p { margin: 0 0 4px; } .report ul { margin: 4px 0 8px; padding-left: 20px; color: var(--pl-ink-soft); max-height: 140px; overflow: auto; }
  .report .acts { display: flex; flex-wrap: wrap; gap: 8px; margin-top: 10px; }
  .report .bad { color: var(--pl-red); }
  progress { width: 100%; height: 6px; margin-top: 8px; appearance: none; border: 0; border-radius: 3px; overflow: hidden; background: var(--pl-sunken); display: block; }
  progress::-webkit-progress-bar { background: var(--pl-sunken); }
  progress::-webkit-progress-value { background: var(--pl-accent); }
  progress::-moz-progress-bar { background: var(--pl-accent); }
  .hint { font-size: 14px; margin: 0; }
  .last em { font-style: normal; font-weight: 500; color: var(--pl-link); } .last em.bad { color: var(--pl-red); }
  .choosing { margin-left: calc(var(--pl-side) - 10px); min-height: 48px; }
  .choosing span { flex: 1; padding: 0 8px; font: 600 16px/1.3 var(--pl-font); }
  .icon[disabled] { opacity: 0.4; cursor: default; }
  .top.aside { margin-left: calc(var(--pl-side) - 10px); min-height: 48px; }
  [hidden] { display: none; }
  @media (min-width: 720px) {
    .panes { display: grid; grid-template-rows: minmax(0, 1fr); grid-template-columns: minmax(300px, 36%) 1fr; }
    main { border-right: 1px solid var(--pl-hairline); }
    .open main { display: flex; }
    aside { display: grid; }
    .open aside { display: block; }
    .row[aria-current='true'] { background: var(--pl-sunken); }
  }
`;
