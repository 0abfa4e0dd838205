import { css } from 'lit';

export const editorStyles = css`
  :host { display: flex; flex-direction: column; height: 100%; background: var(--pl-surface); }
  header { display: flex; align-items: center; gap: 6px; padding: 8px 16px 8px 10px; flex: none; }
  header h1 { flex: 1; margin: 0; font: 600 20px/var(--pl-line-title) var(--pl-font); overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
  .icon { all: unset; width: 44px; height: 44px; display: grid; place-items: center; border-radius: var(--pl-radius); color: var(--pl-ink-soft); cursor: pointer; flex: none; }
  .icon:active, .add:active, .more:active { background: var(--pl-pressed); }
  .icon:focus-visible, .add:focus-visible, .more:focus-visible { outline: 2px solid var(--pl-accent); outline-offset: -2px; }
  .scroll { flex: 1; overflow: auto; mask-image: var(--pl-soft-end); padding: 0 var(--pl-side) 48px; display: flex; flex-direction: column; gap: 12px; }
  .scroll > * { width: 100%; max-width: 640px; align-self: center; flex: none; box-sizing: border-box; }
  .photo { display: flex; align-items: center; gap: 16px; padding: 4px 0; }
  .photo pl-avatar { --pl-avatar-size: 88px; }
  .photo div { display: flex; flex-wrap: wrap; gap: 8px; }
  .card { background: var(--pl-card); border-radius: var(--pl-radius-card); padding: 12px 16px; }
  h2 { margin: 2px 0 8px; font: 500 14px/1.4 var(--pl-font); color: var(--pl-ink-soft); }
  .field { display: block; padding: 4px 0; }
  .field span { display: block; font: 400 12px/1.4 var(--pl-font); color: var(--pl-ink-soft); margin: 0 0 4px 2px; }
  input, textarea, select { all: unset; box-sizing: border-box; width: 100%; min-height: 44px; padding: 0 12px; border-radius: var(--pl-radius); background: var(--pl-sunken);
    color: var(--pl-ink); font: 400 16px/1.4 var(--pl-font); }
  textarea { padding: 10px 12px; white-space: pre-wrap; overflow: auto; resize: vertical; }
  input:focus-visible, textarea:focus-visible, select:focus-visible { box-shadow: inset 0 0 0 2px var(--pl-accent); }
  input::placeholder { color: var(--pl-ink-soft); }
  select { font-size: 14px; color: var(--pl-link); line-height: 44px; cursor: pointer; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
  option { background: var(--pl-card); color: var(--pl-ink); }
  .row { display: grid; grid-template-columns: 108px minmax(0, 1fr) 44px; gap: 8px; padding: 4px 0; align-items: start; }
  .row .icon { margin-right: -10px; }
  .kinds { display: grid; gap: 6px; }
  .address { display: grid; }
  .day { display: grid; gap: 4px; }
  .check { display: flex; align-items: center; gap: 8px; min-height: 32px; font: 400 14px/1.4 var(--pl-font); color: var(--pl-ink-soft); }
  input[type='checkbox'] { all: revert; width: 20px; height: 20px; accent-color: var(--pl-accent-strong); margin: 0; }
  input[type='date'] { display: block; }
  .add, .more { all: unset; box-sizing: border-box; display: flex; align-items: center; gap: 8px; min-height: 44px; padding: 0 8px 0 4px; border-radius: var(--pl-radius); color: var(--pl-link); font: 500 14px/1.4 var(--pl-font); cursor: pointer; }
  .add pl-icon { width: 20px; height: 20px; }
  .chips { display: flex; flex-wrap: wrap; gap: 8px; align-items: center; }
  .chip { all: unset; min-height: 36px; padding: 0 14px; border-radius: 18px; background: var(--pl-sunken); color: var(--pl-ink); font: 500 14px/36px var(--pl-font); cursor: pointer; }
  .chip[aria-pressed='true'] { background: var(--pl-accent-strong); color: var(--pl-on-accent); }
  .chip:focus-visible { outline: 2px solid var(--pl-accent); outline-offset: 2px; }
  .newlabel { flex: 1; min-width: 120px; }
  .ask { display: grid; grid-template-columns: 1fr 1fr; gap: 8px; margin: 0 var(--pl-side) 12px; padding: 14px 16px; border-radius: var(--pl-radius-card); background: var(--pl-card); }
  .ask p { grid-column: 1 / -1; margin: 0 0 4px; font: 400 16px/1.4 var(--pl-font); }
  .bad { margin: 0 var(--pl-side) 12px; color: var(--pl-red); font: 400 14px/1.5 var(--pl-font); }
  [hidden] { display: none; }
`;
