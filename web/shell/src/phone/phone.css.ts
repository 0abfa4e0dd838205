import { css } from 'lit';

export const phoneStyles = css`
  :host { position: absolute; inset: 0; display: block; overflow: hidden; background: #0c1016; border-radius: inherit; isolation: isolate; }
  .scrim { position: absolute; inset: 0; background: linear-gradient(#0a162d33, #0a162d00 22%, #0a162d00 60%, #0a162d2e); pointer-events: none; }
  pl-shade { z-index: 400; transform: translateY(-100%); }
  pl-lock { z-index: 300; }
  pl-status-bar { position: absolute; top: 0; left: 0; right: 0; z-index: 500; touch-action: none; cursor: default; transition: color 160ms; }
  pl-status-bar:focus-visible { outline: 2px solid var(--pl-accent); outline-offset: -4px; border-radius: 16px; }
  .bar { position: absolute; left: 0; right: 0; bottom: 0; height: 28px; display: grid; place-items: center; touch-action: none; z-index: 350; transition: color 160ms; }
  .bar[hidden] { display: none; }
  .bar i { width: 134px; height: 5px; border-radius: 3px; background: currentColor; opacity: 0.9; }
  .bar::before { content: ""; position: absolute; inset: -8px 25% 0; }
  .bar:focus-visible { outline: none; }
  .bar:focus-visible i { outline: 2px solid var(--pl-accent); outline-offset: 3px; }
  .buttons { position: absolute; left: 0; right: 0; bottom: 0; height: 48px; display: flex; justify-content: center; gap: 56px; z-index: 450; transition: color 160ms; }
  .buttons button { all: unset; width: 56px; height: 48px; display: grid; place-items: center; cursor: pointer; border-radius: 24px; }
  .buttons button:focus-visible { outline: 2px solid currentColor; outline-offset: -6px; }
  .buttons pl-icon { width: 18px; height: 18px; }
  .buttons button:first-child pl-icon { transform: rotate(-90deg); }
  .edge { position: absolute; top: 60px; bottom: 60px; width: 14px; z-index: 340; touch-action: none; }
  .left { left: 0; }
  .right { right: 0; }
  .veil { position: absolute; inset: 0; z-index: 600; }
  .veil.dark { background: #0a162d73; }
  .menu { position: absolute; z-index: 601; width: 200px; padding: 6px; border-radius: 18px; background: var(--pl-card); box-shadow: 0 16px 48px #0a162d47; color: var(--pl-ink); animation: rise 160ms ease-out; }
  .menu button { all: unset; box-sizing: border-box; width: 100%; min-height: 48px; padding: 0 14px; display: flex; align-items: center; gap: 12px; font: 500 15px/1.3 var(--pl-font); border-radius: 13px; cursor: pointer; }
  .menu button:active, .menu button:focus-visible { background: var(--pl-sunken); }
  .menu:focus, .sheet:focus { outline: none; }
  .menu pl-icon { width: 20px; height: 20px; }
  .danger { color: var(--pl-red) !important; }
  .sheet { position: absolute; z-index: 602; left: 12px; right: 12px; bottom: 16px; max-width: 420px; margin: 0 auto; padding: 28px 20px 20px; border-radius: 32px; background: var(--pl-card); color: var(--pl-ink);
    display: grid; justify-items: center; gap: 6px; text-align: center; box-shadow: var(--pl-shadow); animation: rise 220ms ease-out; }
  .sheet pl-app-icon { width: 72px; height: 72px; }
  .sheet h2 { font: 600 22px/1.25 var(--pl-font); margin: 10px 0 0; }
  .sheet p, .sheet small { margin: 0; font: 400 14px/1.45 var(--pl-font); color: var(--pl-ink-soft); overflow-wrap: anywhere; }
  .sheet .problem { color: var(--pl-red); }
  .sheet pl-button { width: 100%; margin-top: 8px; }
  .search { position: absolute; inset: 0; z-index: 320; padding: 56px 16px 40px; background: #0a162d8c; backdrop-filter: blur(28px) saturate(1.3); color: #fdfeff; overflow: auto; animation: fade 160ms ease-out; }
  .search label { display: flex; align-items: center; gap: 10px; height: 52px; padding: 0 4px 0 16px; border-radius: 26px; background: #ffffff2b; max-width: 520px; margin: 0 auto; box-sizing: border-box; }
  .search label:focus-within { box-shadow: 0 0 0 2px #ffffff8c; }
  .search input { all: unset; flex: 1; min-width: 0; font: 400 17px var(--pl-font); }
  .search input::placeholder { color: #fdfeffc2; }
  .search input::-webkit-search-cancel-button { display: none; }
  .search label button { all: unset; width: 44px; height: 44px; display: grid; place-items: center; cursor: pointer; border-radius: 22px; }
  .found { display: grid; grid-template-columns: repeat(auto-fill, minmax(82px, 1fr)); gap: 20px 4px; margin: 28px auto; max-width: 560px; }
  .found button { all: unset; display: grid; justify-items: center; gap: 8px; font: 500 12.5px/1.3 var(--pl-font); cursor: pointer; text-align: center; }
  .found button:focus-visible, .search label button:focus-visible { outline: 2px solid #fdfeff; outline-offset: 4px; border-radius: 16px; }
  .search p { text-align: center; font: 400 16px/1.5 var(--pl-font); }
  @keyframes rise { from { opacity: 0; transform: translateY(8px) scale(0.97); } }
  @keyframes fade { from { opacity: 0; } }
  @media (prefers-reduced-motion: reduce) { .menu, .sheet, .search { animation: fade 120ms; } }
`;
