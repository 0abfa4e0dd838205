/** Where the focus goes when something opens: a ring is for those who move it by keys. */

const MOVING = new Set([
  'Tab',
  'Enter',
  ' ',
  'Escape',
  'Home',
  'End',
  'ArrowUp',
  'ArrowDown',
  'ArrowLeft',
  'ArrowRight',
]);
let keyboard = false;

// A swipe is no mouse event to a browser, which would go on showing the ring of the last key.
globalThis.window?.addEventListener('pointerdown', () => (keyboard = false), true);
globalThis.window?.addEventListener(
  'keydown',
  (event) => {
    keyboard = MOVING.has(event.key) || /^F\d/.test(event.key) || keyboard;
  },
  true,
);

/** Into what was opened: to its first control after a key, else to the whole, so that Tab goes on from there. */
export function focusInto(whole: HTMLElement, first: HTMLElement | null | undefined): void {
  const target = keyboard && first ? first : whole;
  if (target === whole && !whole.hasAttribute('tabindex')) whole.tabIndex = -1;
  target.focus({ preventScroll: true });
}
