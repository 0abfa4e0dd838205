/** How large the cards in recents are, and where they lie; pure. Lengths in CSS pixels. */

export interface Room {
  height: number;
  form: 'phone' | 'tablet';
  /** What the strip at the bottom takes, up from the glass's edge; 0 where there is none. */
  strip: number;
}

export interface Card {
  /** Of the window's size. */
  scale: number;
  /** Of the card's middle, down from the glass's. */
  y: number;
}

const LARGEST = { phone: 0.68, tablet: 0.56 };
/** The status bar. */
const TOP = 44;
/** A card's title, above it; as large as the card makes it. */
const TITLE = 64;
const AIR = 16;

/** As large as the form has it, or as what the strip leaves; in the middle of that. */
export function cardOf({ height, form, strip }: Room): Card {
  const largest = LARGEST[form];
  if (strip === 0) return { scale: largest, y: height * 0.015 };
  const room = height - TOP - strip - AIR;
  const scale = Math.max(0.3, Math.min(largest, room / (height + TITLE)));
  const top = TOP + (room - scale * (height + TITLE)) / 2 + scale * TITLE;
  return { scale, y: top + (scale * height) / 2 - height / 2 };
}
