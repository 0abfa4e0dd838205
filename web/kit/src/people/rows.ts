import { css } from 'lit';

/** A list of people with what was last of each: a picture, a name, a time, and a line below. */
export const rows = css`
  .list { flex: 1; overflow: auto; mask-image: var(--pl-soft-end); padding: 0 var(--pl-side) 24px; display: flex; flex-direction: column; }
  .list > pl-empty { flex: 1; }
  .card { background: var(--pl-card); border-radius: var(--pl-radius-card); overflow: hidden; flex: none; }
  .row { all: unset; box-sizing: border-box; width: 100%; min-height: 72px; padding: 10px 16px; display: grid; cursor: pointer;
    grid-template-columns: 40px minmax(0, 1fr) auto; column-gap: 14px; row-gap: 1px; align-content: center; align-items: center; }
  .row:active { background: var(--pl-pressed); }
  .row + .row { box-shadow: inset 0 1px var(--pl-hairline); }
  pl-avatar { grid-row: 1 / 3; }
  .name { font: 500 16px/1.4 var(--pl-font); overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
  time { font: 400 12px/1.4 var(--pl-font); color: var(--pl-ink-soft); font-variant-numeric: tabular-nums; }
`;

/** Rows that can be chosen. */
export const ticks = css`
  .tick { grid-row: 1 / 3; justify-self: center; box-sizing: border-box; width: 24px; height: 24px; border: 2px solid var(--pl-ink-soft); border-radius: 50%; display: grid; place-items: center; color: transparent; }
  .tick pl-icon { width: 16px; height: 16px; }
  [aria-checked='true'] .tick { border-color: var(--pl-accent-strong); background: var(--pl-accent-strong); color: var(--pl-on-accent); }
  .row[aria-checked='true'] { background: var(--pl-pressed); }
  .row { -webkit-touch-callout: none; }
`;
