import { css } from 'lit';

export const threadStyles = css`
  :host { display: flex; flex-direction: column; height: 100%; background: var(--pl-surface); }
  .scroll { flex: 1; overflow: auto; padding: 8px 16px 24px; display: flex; flex-direction: column; }
  .scroll:focus-visible { outline: 2px solid var(--pl-accent); outline-offset: -2px; }
  .day { align-self: center; margin: 18px 0 10px; font: 500 12px/1.4 var(--pl-font); color: var(--pl-ink-soft); }
  .bubble { max-width: min(78%, 520px); margin: 2px 0; padding: 9px 14px; border-radius: 20px 20px 20px 6px; align-self: flex-start; background: var(--pl-card); font: 400 16px/1.45 var(--pl-font); white-space: pre-wrap; overflow-wrap: anywhere; }
  /* Read from its first letter to its last, whatever the text around it turns. */
  .bubble a { color: var(--pl-link); text-decoration: underline; text-underline-offset: 2px; direction: ltr; unicode-bidi: isolate-override; border-radius: 4px; }
  .bubble a:focus-visible { outline: 2px solid currentcolor; outline-offset: 1px; } .bubble.out a { color: inherit; }
  .out { align-self: flex-end; background: var(--pl-accent-strong); color: var(--pl-on-accent); border-radius: 20px 20px 6px 20px; }
  .at { font: 400 12px/1.4 var(--pl-font); color: var(--pl-ink-soft); margin: 1px 6px 4px; align-self: flex-start; font-variant-numeric: tabular-nums; }
  .at.right { align-self: flex-end; } .at .bad { color: var(--pl-red); }
  .from { font: 500 12px/1.4 var(--pl-font); color: var(--pl-ink-soft); margin: 6px 14px 0; align-self: flex-start; }
  .subject { font-weight: 600; display: block; }
  .ask { align-self: flex-end; max-width: min(88%, 520px); margin: 6px 0 12px; padding: 12px 16px; border-radius: 20px; background: var(--pl-card); font: 400 14px/1.45 var(--pl-font); }
  .ask div { display: flex; flex-wrap: wrap; gap: 8px; margin-top: 10px; }
  .ask pl-button { margin: 0; }
  .take { all: unset; align-self: flex-end; min-height: 44px; padding: 0 8px; margin: -6px -2px 0; border-radius: var(--pl-radius); color: var(--pl-link); font: 500 14px/44px var(--pl-font); cursor: pointer; }
  .take:active { background: var(--pl-pressed); } .take:focus-visible { outline: 2px solid var(--pl-accent); outline-offset: -2px; }
  .code { align-self: flex-start; margin: 0 0 6px 6px; display: flex; align-items: center; gap: 8px; font-variant-numeric: tabular-nums; } .code pl-icon { width: 18px; height: 18px; }
  .late { align-self: flex-end; margin: 0 6px 8px; font: 400 14px/1.4 var(--pl-font); color: var(--pl-red); }
  .found { outline: 2px solid var(--pl-accent); outline-offset: 2px; }
  pl-button { align-self: center; margin: 8px 0; }
  .bubble, message-part { -webkit-touch-callout: none; }
  .pick { display: flex; align-items: center; gap: 12px; margin: 0 -16px; padding: 2px 16px; cursor: pointer; }
  .pick[aria-checked='true'] { background: var(--pl-pressed); } .pick:focus-visible { outline: 2px solid var(--pl-accent); outline-offset: -2px; }
  .pick > div { flex: 1; min-width: 0; display: flex; flex-direction: column; pointer-events: none; }
  .tick { flex: none; box-sizing: border-box; width: 24px; height: 24px; border: 2px solid var(--pl-ink-soft); border-radius: 50%; display: grid; place-items: center; color: transparent; }
  .tick pl-icon { width: 16px; height: 16px; }
  [aria-checked='true'] .tick { border-color: var(--pl-accent-strong); background: var(--pl-accent-strong); color: var(--pl-on-accent); }
  :host { position: relative; }
  message-compose[hidden] { display: none; }
  .blocked { flex: none; margin: 0 16px 16px; padding: 14px 16px; border-radius: var(--pl-radius-card); background: var(--pl-card); display: flex; flex-wrap: wrap; align-items: center; gap: 4px 12px; }
  .blocked p { flex: 1; min-width: 180px; margin: 0; font: 400 14px/1.45 var(--pl-font); color: var(--pl-ink-soft); } .blocked pl-button { margin: 0; }
`;
