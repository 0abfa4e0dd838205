/** The colours of an icon that is only a letter: one hue for each app, all of them as bright as the others. */

const HUES = 24;

/** Light and deep colour of the gradient; white is readable on both (3:1 and more). */
export function letterColours(app: string): { light: string; deep: string } {
  const hue = Math.round((hash(app) % HUES) * (360 / HUES));
  return { light: `oklch(0.64 0.13 ${hue})`, deep: `oklch(0.48 0.13 ${hue})` };
}

/** FNV-1a. */
function hash(text: string): number {
  let sum = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) sum = Math.imul(sum ^ byte, 0x01000193) >>> 0;
  return sum;
}
