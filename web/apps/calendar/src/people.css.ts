import { css } from 'lit';

export const peopleStyles = css`
  :host { display: block; }
  .lead, .host { margin: 4px 2px 8px; font: 400 14px/1.5 var(--pl-font); color: var(--pl-ink-soft); }
  .host { color: var(--pl-ink); font-size: 16px; overflow-wrap: anywhere; }
  ul { list-style: none; margin: 0; padding: 0; }
  li { display: flex; align-items: center; gap: 8px; min-height: 52px; }
  li span { flex: 1; min-width: 0; overflow-wrap: anywhere; }
  li b { display: block; font: 500 16px/1.4 var(--pl-font); color: var(--pl-ink); }
  li small { font: 400 13px/1.4 var(--pl-font); color: var(--pl-ink-soft); }
  li small.bad { color: var(--pl-red); }
  .icon { all: unset; width: 44px; height: 44px; display: grid; place-items: center; border-radius: var(--pl-radius); color: var(--pl-ink-soft); cursor: pointer; flex: none; }
  .add { display: flex; gap: 8px; align-items: center; padding: 4px 0; }
  input { all: unset; box-sizing: border-box; flex: 1; min-width: 0; min-height: 44px; padding: 0 12px; border-radius: var(--pl-radius); background: var(--pl-sunken); color: var(--pl-ink); font: 400 16px/1.4 var(--pl-font); }
  input[aria-invalid='true'] { box-shadow: inset 0 0 0 1.5px var(--pl-red); }
  .refused { margin: 4px 2px 0; scroll-margin-bottom: 40px; font: 400 14px/1.4 var(--pl-font); color: var(--pl-red); } .refused[hidden] { display: none; }
  input:focus-visible { box-shadow: inset 0 0 0 2px var(--pl-accent); }
  input::placeholder { color: var(--pl-ink-soft); }
  .answers { display: grid; grid-template-columns: repeat(3, 1fr); gap: 8px; margin: 0 0 8px; }
  .answers[hidden] { display: none; }
  .answers button { all: unset; box-sizing: border-box; min-height: 44px; padding: 8px 6px; text-align: center; border-radius: var(--pl-radius); background: var(--pl-sunken); color: var(--pl-ink); font: 500 15px/1.3 var(--pl-font); cursor: pointer; }
  .answers button[aria-pressed='true'] { background: var(--pl-accent-strong); color: var(--pl-on-accent); }
  button:focus-visible { outline: 2px solid var(--pl-accent); outline-offset: 2px; }
`;
