import type { PlField } from '@pileus/kit';
import { css } from 'lit';

export const styles = css`
  :host { display: flex; flex-direction: column; height: 100%; background: var(--pl-surface); }
  .top { display: flex; align-items: center; gap: 4px; margin: 14px calc(var(--pl-side) - 10px) 6px var(--pl-side); flex: none; }
  h1 { flex: 1; margin: 0; font: 600 28px/var(--pl-line-title) var(--pl-font); overflow: hidden; text-overflow: ellipsis; white-space: nowrap; letter-spacing: -0.01em; }
  .icon { all: unset; width: 44px; height: 44px; display: grid; place-items: center; border-radius: var(--pl-radius); color: var(--pl-ink-soft); cursor: pointer; flex: none; }
  .icon:active { background: var(--pl-pressed); } .icon:focus-visible { outline: 2px solid var(--pl-accent); outline-offset: -2px; }
  .icon pl-icon { width: 20px; height: 20px; }
  .row .icon + .icon { margin-left: -8px; }
  .usage { margin: 0 var(--pl-side) 12px; font: 400 14px/1.4 var(--pl-font); color: var(--pl-ink-soft); flex: none; font-variant-numeric: tabular-nums; }
  progress { width: 100%; height: 6px; margin-top: 6px; appearance: none; border: 0; border-radius: 3px; overflow: hidden; background: var(--pl-sunken); display: block; }
  progress::-webkit-progress-bar { background: var(--pl-sunken); }
  progress::-webkit-progress-value { background: var(--pl-accent); border-radius: 3px; }
  progress::-moz-progress-bar { background: var(--pl-accent); }
  pl-segments { margin: 0 var(--pl-side) 12px; flex: none; }
  .search { margin: 0 var(--pl-side) 12px; flex: none; }
  .list { flex: 1; overflow: auto; mask-image: var(--pl-soft-end); padding: 0 var(--pl-side) 24px; display: flex; flex-direction: column; gap: 12px; }
  .list > pl-empty { flex: 1; }
  .card { background: var(--pl-card); border-radius: var(--pl-radius-card); overflow: hidden; flex: none; }
  .row { display: grid; grid-template-columns: 40px minmax(0, 1fr) auto auto; column-gap: 12px; align-items: center; min-height: 64px; padding: 4px 8px 4px 16px; }
  .row + .row, .row + .ask, .ask + .row { box-shadow: inset 0 1px var(--pl-hairline); }
  .lead { width: 40px; height: 40px; border-radius: var(--pl-radius); display: grid; place-items: center; background: var(--pl-sunken); color: var(--pl-link); overflow: hidden; }
  .what { all: unset; min-width: 0; padding: 8px 0; } button.what { cursor: pointer; } button.what:focus-visible { outline: 2px solid var(--pl-accent); }
  @media (min-width: 720px) { pl-segments, .search { max-width: 420px; } }
  .under { display: block; font: 400 14px/1.4 var(--pl-font); color: var(--pl-ink-soft); font-variant-numeric: tabular-nums; white-space: normal; }
  .unbroken { white-space: nowrap; }
  .ask { padding: 12px 16px 16px; } .ask p { margin: 0 0 10px; font: 400 16px/1.4 var(--pl-font); }
  .acts { display: flex; flex-wrap: wrap; gap: 8px; justify-content: flex-end; margin-top: 10px; }
  .failed { margin: 0 var(--pl-side) 12px; padding: 10px 8px 10px 16px; border-radius: var(--pl-radius-card); background: var(--pl-card); color: var(--pl-red);
    font: 400 14px/1.4 var(--pl-font); display: flex; align-items: center; justify-content: space-between; gap: 8px; flex: none; }
  .failed span { min-width: 0; overflow-wrap: anywhere; }
  [hidden] { display: none; }
  .details { box-shadow: inset 0 1px var(--pl-hairline); padding-top: 1px; }
  .details .ask { padding-top: 0; }
  .details .ask .acts { margin-top: 8px; display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); }
  .told { color: var(--pl-ink); min-height: 44px; }
  .top pl-button { margin-right: 10px; }
  p.usage { margin-top: 0; }
  h1.file { font-size: 18px; } h1.file .under { letter-spacing: 0; } h1.file .name { font: inherit; }
  .page { gap: 16px; } .side { display: flex; flex-direction: column; gap: 12px; flex: none; }
  .side .details { box-shadow: none; }
  @media (min-width: 720px) { .page { display: grid; grid-template-columns: minmax(0, 1fr) minmax(280px, 34%); align-items: start; } }
  .drop { outline: 2px dashed var(--pl-accent); outline-offset: -12px; }
`;

export function fieldValue(event: Event): string {
  return (event.currentTarget as PlField).value;
}

export const previewStyles = css`
  :host { display: grid; grid-template-rows: 1fr; align-items: center; justify-items: center; min-height: 200px; border-radius: var(--pl-radius-card);
    background: var(--pl-card); overflow: hidden; flex: none; color: var(--pl-ink); }
  img, video { max-width: 100%; max-height: 62vh; display: block; object-fit: contain; }
  video { width: 100%; background: #000; }
  pre { margin: 0; padding: 16px; box-sizing: border-box; width: 100%; max-height: 62vh; overflow: auto; justify-self: stretch; align-self: start;
    font: 400 14px/1.5 ui-monospace, monospace, var(--pl-font); white-space: pre-wrap; overflow-wrap: anywhere; }
  pre:focus-visible { outline: 2px solid var(--pl-accent); outline-offset: -2px; }
  p, .wait { margin: 12px 16px; font: 400 14px/1.4 var(--pl-font); color: var(--pl-ink-soft); }
  .sound { width: 100%; display: grid; justify-items: center; gap: 20px; padding: 32px 16px; box-sizing: border-box; color: var(--pl-link); }
  .sound pl-icon { width: 48px; height: 48px; } audio { width: 100%; max-width: 480px; }
  pl-empty { padding: 24px 16px; }
`;
