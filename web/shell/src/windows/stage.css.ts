import { css } from 'lit';

export const stageStyles = css`
  :host { position: absolute; inset: 0; pointer-events: none; overflow: hidden; border-radius: inherit; }
  .stage { position: absolute; inset: 0; }
  .stage.recents { pointer-events: auto; touch-action: none; background: #0a162d66; backdrop-filter: blur(18px); }
  .box { position: absolute; inset: 0; visibility: hidden; will-change: transform, opacity; opacity: 0; }
  .box.front, .recents .box { pointer-events: auto; }
  .glass { position: absolute; inset: 0; overflow: hidden; }
  .moving .glass { border-radius: 44px; box-shadow: 0 24px 80px #0a162d66; }
  .cover { all: unset; position: absolute; inset: 0; cursor: pointer; border-radius: 44px; touch-action: none; }
  .cover[hidden], .title[hidden] { display: none; }
  .cover:focus-visible { outline: 4px solid #fdfeff; outline-offset: 4px; }
  .title { position: absolute; left: 12px; right: 12px; top: -64px; height: 48px; display: flex; align-items: center; gap: 14px; color: #fdfeff; font: 600 21px/1.2 var(--pl-font); }
  .title span { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
  .title pl-app-icon { width: 42px; height: 42px; }
  .title i { margin-left: auto; width: 36px; height: 36px; border-radius: 50%; background: #ffffff2e; display: grid; place-items: center; }
  .title i pl-icon { width: 22px; height: 22px; }
  .none { position: absolute; inset: 0; display: grid; place-items: center; margin: 0; color: #fdfeff; font: 500 16px/1.4 var(--pl-font); pointer-events: none; }
  .others { position: absolute; left: 50%; bottom: 40px; transform: translateX(-50%); width: max-content; max-width: calc(100% - 32px); box-sizing: border-box; display: flex; align-items: center; gap: 10px; padding: 8px 10px 8px 16px; border-radius: 24px; background: #ffffff29; color: #fdfeff; z-index: 200;
    overflow-x: auto; scrollbar-width: none; }
  .buttons .others { bottom: 60px; }
  .others small { font: 500 13px/1.3 var(--pl-font); min-width: 60px; }
  .others button { all: unset; flex: none; cursor: pointer; min-width: 44px; min-height: 44px; display: grid; place-items: center; }
  .others pl-app-icon { width: 40px; height: 40px; }
  .others img { grid-area: 1 / 1; width: 84px; height: 150px; object-fit: cover; object-position: top; border-radius: 14px; box-shadow: 0 6px 20px #0a162d4d; }
  .others img + pl-app-icon { grid-area: 1 / 1; align-self: end; margin-bottom: 6px; width: 34px; height: 34px; }
`;
