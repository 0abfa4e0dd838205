/** Locks the phone that nobody touches, where it has a PIN. */

const LOOK_MS = 3000;
const SIGNS = ['pointerdown', 'pointermove', 'keydown', 'wheel'] as const;

export interface Idle {
  /** Milliseconds without a touch after which it locks; undefined: it does not. */
  after(): number | undefined;
  lock(): void;
}

/**
 * Watches until the returned function is called. Touches of an app in a frame of its own are no events of this page;
 * the browser counts them as the page's user activation, which is looked at every few seconds. A page that was hidden
 * (a screen that was off) is looked at when it is shown again.
 */
export function watchIdle(idle: Idle, now: () => number = Date.now): () => void {
  let touched = now();
  const touch = () => {
    touched = now();
  };
  const look = () => {
    if (navigator.userActivation?.isActive && document.visibilityState === 'visible') touch();
    const after = idle.after();
    if (after !== undefined && now() - touched >= after) idle.lock();
  };
  for (const sign of SIGNS) window.addEventListener(sign, touch, { passive: true, capture: true });
  document.addEventListener('visibilitychange', look);
  const timer = setInterval(look, LOOK_MS);
  return () => {
    clearInterval(timer);
    document.removeEventListener('visibilitychange', look);
    for (const sign of SIGNS) window.removeEventListener(sign, touch, { capture: true });
  };
}
