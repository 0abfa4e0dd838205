import { css } from 'lit';

export const detailStyles = css`
  :host { display: flex; flex-direction: column; height: 100%; background: var(--pl-surface); position: relative; }
  header { display: flex; align-items: center; gap: 2px; padding: 8px 10px; flex: none; }
  header h1 { flex: 1; margin: 0 0 0 4px; font: 600 20px/var(--pl-line-title) var(--pl-font); }
  .gap { flex: 1; }
  .icon { all: unset; width: 44px; height: 44px; display: grid; place-items: center; border-radius: var(--pl-radius); color: var(--pl-ink-soft); cursor: pointer; }
  .icon:active, .line:active { background: var(--pl-pressed); }
  .icon:focus-visible, .line:focus-visible { outline: 2px solid var(--pl-accent); outline-offset: -2px; }
  .starred { color: var(--pl-amber); --pl-glyph-fill: currentColor; }
  .scroll { flex: 1; overflow: auto; mask-image: var(--pl-soft-end); padding: 0 var(--pl-side) 32px; display: flex; flex-direction: column; }
  .scroll > * { flex: none; }
  .scroll > pl-empty { flex: 1; }
  .hero { display: grid; justify-items: center; text-align: center; gap: 2px; padding: 4px 0 12px; }
  .hero pl-avatar { --pl-avatar-size: 112px; margin-bottom: 12px; }
  .hero h1 { margin: 0; font: 600 28px/var(--pl-line-title) var(--pl-font); letter-spacing: -0.01em; overflow-wrap: anywhere; }
  .hero p { margin: 2px 0 0; font: 400 16px/var(--pl-line) var(--pl-font); color: var(--pl-ink-soft); overflow-wrap: anywhere; }
  .chips { display: flex; flex-wrap: wrap; justify-content: center; gap: 8px; margin-top: 12px; }
  .chip { all: unset; min-height: 32px; padding: 0 14px; border-radius: 16px; background: var(--pl-sunken); color: var(--pl-ink); font: 500 14px/32px var(--pl-font); cursor: pointer; position: relative; }
  .chip::after { content: ''; position: absolute; inset: -6px 0; }
  .chip:focus-visible { outline: 2px solid var(--pl-accent); outline-offset: 2px; }
  section { width: 100%; max-width: 640px; align-self: center; }
  h2 { margin: 14px 4px 8px; font: 500 14px/1.4 var(--pl-font); color: var(--pl-ink-soft); }
  .card { background: var(--pl-card); border-radius: var(--pl-radius-card); overflow: hidden; }
  .line { all: unset; box-sizing: border-box; width: 100%; min-height: 64px; padding: 10px 16px; display: grid; cursor: pointer; position: relative;
    grid-template-columns: 24px minmax(0, 1fr); column-gap: 16px; align-content: center; align-items: center; }
  .line pl-icon { grid-row: 1 / 3; width: 22px; height: 22px; color: var(--pl-link); }
  .line + .line::before, .way + .line::before, .line + .way::before { content: ''; position: absolute; left: 56px; right: 0; top: 0; height: 1px; background: var(--pl-hairline); }
  .line.person { grid-template-columns: 40px minmax(0, 1fr); column-gap: 14px; }
  .line.person + .line::before { left: 70px; }
  .line pl-avatar { grid-row: 1 / 3; }
  .value { font: 400 16px/1.4 var(--pl-font); overflow-wrap: anywhere; white-space: pre-line; font-variant-numeric: tabular-nums; }
  .way { display: flex; align-items: stretch; position: relative; } .way + .way::before { content: ''; position: absolute; left: 56px; right: 0; top: 0; height: 1px; background: var(--pl-hairline); } .way .line { flex: 1; min-width: 0; }
  .reach { all: unset; flex: none; min-width: 48px; display: flex; align-items: center; justify-content: center; gap: 4px; cursor: pointer; color: var(--pl-link); border-radius: var(--pl-radius); font: 500 12px/1 var(--pl-font); } .reach:last-child { margin-right: 6px; }
  .reach:active { background: var(--pl-pressed); } .reach:focus-visible { outline: 2px solid var(--pl-accent); outline-offset: -2px; } .reach pl-icon { width: 22px; height: 22px; }
  .block { all: unset; box-sizing: border-box; width: 100%; min-height: 52px; margin-top: 14px; padding: 0 16px; display: flex; align-items: center; gap: 16px; border-radius: var(--pl-radius-card); background: var(--pl-card); color: var(--pl-red); font: 400 16px/1.4 var(--pl-font); cursor: pointer; }
  .block:active { background: var(--pl-pressed); } .block:focus-visible { outline: 2px solid var(--pl-accent); outline-offset: -2px; } .block pl-icon { width: 22px; height: 22px; }
  .kind { font: 400 14px/1.4 var(--pl-font); color: var(--pl-ink-soft); overflow-wrap: anywhere; }
  .note { margin: 0; padding: 14px 16px; white-space: pre-wrap; overflow-wrap: anywhere; font: 400 16px/var(--pl-line) var(--pl-font); }
  .acts { display: flex; gap: 8px; padding: 6px 12px 12px; }
  .acts pl-button { flex: 1; }
  .bad { margin: 0 0 8px; padding: 14px 16px; border-radius: var(--pl-radius-card); background: var(--pl-card); color: var(--pl-red); font: 400 14px/1.5 var(--pl-font); }
  .said { position: absolute; left: 50%; bottom: 24px; transform: translateX(-50%); padding: 12px 20px; border-radius: var(--pl-radius-card); background: var(--pl-ink); color: var(--pl-surface);
    font: 400 14px/1.4 var(--pl-font); width: max-content; max-width: calc(100% - 40px); box-sizing: border-box; }
  .said.act { display: flex; align-items: center; gap: 16px; padding: 4px 8px 4px 20px; }
  .said span { overflow: hidden; text-overflow: ellipsis; }
  .said button { all: unset; min-height: 44px; padding: 0 12px; font-weight: 600; cursor: pointer; }
  .said button:focus-visible { outline: 2px solid var(--pl-accent); }
  @media (min-width: 720px) { .back { display: none; } header h1 { margin-left: 14px; } }
`;
