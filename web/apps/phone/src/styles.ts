import { css } from 'lit';

export const styles = css`
  :host { display: block; height: 100%; }
  .panes { height: 100%; display: flex; flex-direction: column; background: var(--pl-surface); }
  header { margin: 14px var(--pl-side) 6px; min-height: 44px; display: flex; align-items: center; flex: none; }
  h1 { margin: 0; font: 600 28px/var(--pl-line-title) var(--pl-font); letter-spacing: -0.01em; }
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
