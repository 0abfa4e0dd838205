import { css } from 'lit';

export const styles = css`
  :host { display: block; height: 100%; }
  .panes { height: 100%; display: flex; flex-direction: column; background: var(--pl-surface); }
  header { margin: 14px var(--pl-side) 6px; min-height: 44px; display: flex; align-items: center; flex: none; }
  header .icon { all: unset; width: 44px; height: 44px; display: grid; place-items: center; border-radius: var(--pl-radius); color: var(--pl-ink-soft); cursor: pointer; flex: none; }
  .icon:active { background: var(--pl-pressed); } .icon:focus-visible { outline: 2px solid var(--pl-accent); outline-offset: -2px; } .icon[disabled] { opacity: 0.4; cursor: default; }
  header { margin-right: calc(var(--pl-side) - 10px); } header > .icon:first-child { margin-left: -10px; }
  .choosing span { flex: 1; padding: 0 8px; font: 600 16px/1.3 var(--pl-font); }
  h1 { flex: 1; margin: 0; font: 600 28px/var(--pl-line-title) var(--pl-font); letter-spacing: -0.01em; }
  pl-segments { margin: 0 var(--pl-side) 12px; flex: none; }
  main, aside { flex: 1; min-height: 0; display: flex; flex-direction: column; }
  aside phone-pad { flex: 1; }
  .both.calls aside, .both.pad main { display: none; }
  .note { display: flex; gap: 12px; align-items: center; margin: 0 var(--pl-side) 12px; padding: 14px 16px; border-radius: var(--pl-radius-card); background: var(--pl-card);
    color: var(--pl-ink-soft); font: 400 14px/1.45 var(--pl-font); flex: none; }
  .note pl-icon { width: 22px; height: 22px; color: var(--pl-link); }
  .bad { color: var(--pl-red); background: color-mix(in srgb, var(--pl-red) 12%, transparent); font-weight: 500; }
  @media (min-width: 720px) {
    .panes.both { display: grid; grid-template: auto auto minmax(0, 1fr) / minmax(0, 1fr) minmax(340px, 42%); }
    .both header, .both .note { grid-column: 1; }
    .both .note { grid-row: 2; } .both main { grid-row: 3; grid-column: 1; }
    .both aside { grid-column: 2; grid-row: 1 / 4; border-left: 1px solid var(--pl-hairline); padding-top: 20px; }
    .both pl-segments { display: none; }
    .both.calls aside, .both.pad main { display: flex; }
  }
`;
