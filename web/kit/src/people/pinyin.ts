/** How Chinese names are spoken; loaded where there is one. */

import { pinyin } from 'pinyin-pro';

/** The syllables of a name; a surname is read as one (单 as shan), words of other writings stay, signs do not. */
export function speak(name: string): string[] {
  const parts = pinyin(name, { surname: 'head', toneType: 'none', type: 'array', nonZh: 'consecutive' });
  return parts.map((part) => part.trim()).filter((part) => /^[\p{L}\s]+$/u.test(part));
}
