import { css } from 'lit';

/** What lies over the whole phone: a dark sky, whatever the theme, as the lock screen is one. */
export const overStyles = css`
  :host { --pl-key: #fdfeff24; --pl-key-down: #fdfeff66; }
  .over { position: absolute; inset: 0; overflow: auto; color: #fdfeff; background: linear-gradient(168deg, #35598f, #1b3157 46%, #0e1a31);
    display: grid; box-sizing: border-box; padding: 0 20px max(28px, 4vh); animation: fade 160ms ease-out; touch-action: manipulation; }
  .over:focus { outline: none; }
  h1 { margin: 0; font: 500 30px/1.25 var(--pl-font); text-align: center; overflow-wrap: anywhere; }
  p { margin: 0; text-align: center; font: 400 16px/1.45 var(--pl-font); }
  button { all: unset; box-sizing: border-box; cursor: pointer; user-select: none; }
  button:focus-visible { outline: 2px solid #fdfeff; outline-offset: 3px; }
  .link { min-height: 44px; padding: 0 16px; border-radius: 22px; font: 500 15px/44px var(--pl-font); text-align: center; }
  .link:active { background: #fdfeff24; }
  .said { min-height: 23px; color: #ffd9dc; font-weight: 500; }
  @keyframes fade { from { opacity: 0; } }
`;

export const callStyles = css`
  .call { grid-template-rows: 44px 44px auto minmax(16px, 1fr) auto; justify-items: center; }
  .call pl-status-bar { width: calc(100% + 40px); margin: 0 -20px; }
  .top { width: 100%; display: flex; }
  .top button { width: 44px; height: 44px; border-radius: 22px; display: grid; place-items: center; }
  .who { display: grid; justify-items: center; gap: 6px; margin-top: clamp(0px, 5vh, 48px); max-width: min(100%, 480px); }
  .who pl-avatar { --pl-avatar-size: clamp(72px, 13vh, 112px); margin-bottom: 12px; }
  .who .number, .who .state { opacity: 0.9; font-variant-numeric: tabular-nums; }
  .who .state { font-size: 17px; }
  .hand { display: grid; justify-items: center; gap: clamp(14px, 3.2vh, 32px); width: 100%; max-width: 400px; }
  .acts { display: flex; flex-wrap: wrap; justify-content: center; gap: 16px; max-width: 320px; }
  .acts[two] { max-width: 208px; }
  .act { display: grid; justify-items: center; gap: 8px; font: 500 13px/1.3 var(--pl-font); text-align: center; width: 96px; }
  .act span { max-width: 100%; overflow: hidden; overflow-wrap: anywhere; display: -webkit-box; -webkit-line-clamp: 2; -webkit-box-orient: vertical; } .acts { align-items: start; }
  .act i { width: 68px; height: 68px; border-radius: 50%; display: grid; place-items: center; background: #fdfeff24; transition: background 120ms; }
  .act:active i { background: #fdfeff66; }
  .act[aria-pressed='true'] i { background: #fdfeff; color: #14233f; }
  .act:focus-visible { outline: none; } .act:focus-visible i { outline: 2px solid #fdfeff; outline-offset: 3px; }
  .choice { width: 100%; display: flex; justify-content: space-between; padding: 0 8px; box-sizing: border-box; margin-bottom: 2vh; }
  .choice i, .end i { width: 76px; height: 76px; }
  .no i { background: #d8323f; } .no:active i { background: #b02531; }
  .yes i { background: #1b9a58; } .yes:active i { background: #147844; }
  .act pl-icon { width: 28px; height: 28px; }
  .yes pl-icon, .no pl-icon, .pill pl-icon { --pl-glyph-fill: currentColor; }
  .no pl-icon { transform: rotate(135deg); }
  .keys pl-dial-pad { --key: clamp(46px, 8vh, 70px); }
  .keys { display: grid; justify-items: center; gap: 10px; }
  output { display: flex; justify-content: flex-end; min-height: 32px; max-width: 300px; overflow: hidden; white-space: nowrap; font: 400 24px/32px var(--pl-font); letter-spacing: 0.06em; font-variant-numeric: tabular-nums; }
  .other { display: grid; grid-template-columns: 20px minmax(0, 1fr) auto; gap: 10px; align-items: center; min-height: 48px; padding: 0 18px; border-radius: 24px; background: #fdfeff1f; margin-top: 18px; font: 500 15px/1.3 var(--pl-font); }
  .other pl-icon { width: 20px; height: 20px; } .other span { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; } .other small { font: 400 13px/1.3 var(--pl-font); opacity: 0.9; }
  .pill { position: absolute; top: 6px; left: 14px; display: flex; align-items: center; gap: 7px; min-height: 32px; max-width: min(52%, 260px); padding: 0 13px 0 11px; border-radius: 16px;
    background: #147844; color: #fdfeff; font: 600 13px/1.2 var(--pl-font); font-variant-numeric: tabular-nums; box-shadow: 0 2px 10px #0a162d40; }
  .pill::before { content: ''; position: absolute; inset: -6px; }
  .pill:active { background: #0f5c36; }
  .pill pl-icon { width: 15px; height: 15px; flex: none; } .pill span { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; } .pill time { flex: none; }
  @media (max-height: 720px) { .call { padding-bottom: 16px; } .hand { gap: 10px; } .acts { gap: 8px 16px; } .act { gap: 4px; } .act i { width: 56px; height: 56px; }
    .choice i, .end i { width: 64px; height: 64px; } .keys { gap: 4px; } .keys pl-dial-pad { --key: 54px; gap: 7px 24px; } .said:empty { display: none; } .other { margin-top: 8px; min-height: 40px; }
    .who { margin-top: 0; } .who pl-avatar { --pl-avatar-size: 64px; margin-bottom: 4px; } h1 { font-size: 24px; } }
  @media (max-height: 620px) { .who { margin-top: 0; } .who pl-avatar { --pl-avatar-size: 56px; margin-bottom: 4px; } h1 { font-size: 24px; } .top { position: absolute; top: 44px; left: 8px; } .call { grid-template-rows: 44px auto minmax(8px, 1fr) auto; } }
`;
