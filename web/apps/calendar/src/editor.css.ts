import { css } from 'lit';

export const editorStyles = css`
  :host { position: absolute; inset: 0; z-index: 5; background: var(--pl-surface); }
  .sheet { height: 100%; display: flex; flex-direction: column; }
  header { display: flex; align-items: center; gap: 4px; padding: 8px 16px 8px 10px; flex: none; }
  header h1 { flex: 1; margin: 0; font: 600 20px/var(--pl-line-title) var(--pl-font); }
  .icon { all: unset; width: 44px; height: 44px; display: grid; place-items: center; border-radius: var(--pl-radius); color: var(--pl-ink-soft); cursor: pointer; flex: none; }
  .icon:focus-visible { outline: 2px solid var(--pl-accent); outline-offset: -2px; }
  .scroll { flex: 1; overflow: auto; mask-image: var(--pl-soft-end); padding: 0 var(--pl-side) 48px; display: flex; flex-direction: column; gap: 12px; }
  .scroll > *, .ask { width: 100%; max-width: 640px; align-self: center; flex: none; box-sizing: border-box; }
  .card { background: var(--pl-card); border-radius: var(--pl-radius-card); padding: 10px 16px; }
  .card h2 { margin: 4px 2px; font: 400 12px/1.4 var(--pl-font); color: var(--pl-ink-soft); }
  .facts { display: grid; gap: 4px; font: 400 16px/1.4 var(--pl-font); color: var(--pl-ink-soft); overflow-wrap: anywhere; }
  .facts b { font: 600 20px/1.3 var(--pl-font); color: var(--pl-ink); }
  .facts p { margin: 4px 0 0; color: var(--pl-ink); white-space: pre-wrap; }
  .field { display: block; padding: 4px 0; }
  .field span { display: block; font: 400 12px/1.4 var(--pl-font); color: var(--pl-ink-soft); margin: 0 0 4px 2px; }
  input, textarea, select { all: unset; box-sizing: border-box; display: block; width: 100%; min-height: 44px; padding: 0 12px; border-radius: var(--pl-radius); background: var(--pl-sunken);
    color: var(--pl-ink); font: 400 16px/1.4 var(--pl-font); }
  textarea { padding: 10px 12px; white-space: pre-wrap; overflow: auto; resize: vertical; }
  select { line-height: 44px; cursor: pointer; }
  option { background: var(--pl-card); color: var(--pl-ink); }
  input:focus-visible, textarea:focus-visible, select:focus-visible { box-shadow: inset 0 0 0 2px var(--pl-accent); }
  .field .moment { position: relative; display: block; margin: 0; }
  .moment b { position: absolute; z-index: 1; inset: 0; display: flex; align-items: center; padding: 0 12px; font: 400 16px/1.4 var(--pl-font); color: var(--pl-ink); font-variant-numeric: tabular-nums; pointer-events: none; }
  .moment input { color: transparent; cursor: pointer; position: relative; }
  .moment input::-webkit-datetime-edit { opacity: 0; }
  .moment input::-webkit-calendar-picker-indicator { position: absolute; inset: 0; width: 100%; height: 100%; margin: 0; padding: 0; opacity: 0; cursor: pointer; }
  /* Who types sees what is typed where. */
  .moment:has([data-typed]) b { opacity: 0; }
  .moment [data-typed] { color: var(--pl-ink); }
  .moment [data-typed]::-webkit-datetime-edit { opacity: 1; }
  .check { display: flex; align-items: center; gap: 12px; min-height: 44px; font: 400 16px/1.4 var(--pl-font); }
  input[type='checkbox'] { all: revert; width: 22px; height: 22px; accent-color: var(--pl-accent-strong); margin: 0; }
  .ask { display: grid; grid-template-columns: 1fr 1fr; gap: 8px; margin: 0 auto 12px; padding: 14px 16px; border-radius: var(--pl-radius-card); background: var(--pl-card); }
  .sheet > .ask { width: calc(100% - 2 * var(--pl-side)); }
  .ask:has(> :nth-child(4)) { grid-template-columns: 1fr; }
  @media (min-width: 600px) { .ask:has(> :nth-child(4)) { grid-template-columns: repeat(3, 1fr); } .ask:has(> :nth-child(5)) { grid-template-columns: repeat(2, 1fr); } }
  .ask p { grid-column: 1 / -1; margin: 0 0 4px; font: 400 16px/1.4 var(--pl-font); }
  .sheet > .bad { width: 100%; max-width: 640px; align-self: center; box-sizing: border-box; padding: 0 var(--pl-side); }
  .bad { margin: 4px 2px; color: var(--pl-red); font: 400 14px/1.5 var(--pl-font); }
`;
