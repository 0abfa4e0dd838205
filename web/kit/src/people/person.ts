/** How a person is shown where there is no picture of them. Pure. */

/** Two letters of a name, the last two characters of a Chinese one; "" for a number. */
export function initials(name: string): string {
  const plain = name.trim();
  if (!/\p{L}/u.test(plain)) return '';
  if (/^\p{Script=Han}+$/u.test(plain)) return [...plain].slice(-2).join('');
  const words = plain.split(/\s+/).filter((word) => /\p{L}/u.test(word));
  const letters = words.map((word) => word.match(/\p{L}/u)?.[0] ?? '');
  return (letters.length > 1 ? `${letters[0]}${letters.at(-1)}` : (letters[0] ?? '')).toLocaleUpperCase();
}

/** One of `count` colours, always the same for the same correspondent. */
export function hueOf(id: string, count: number): number {
  let sum = 0;
  for (const char of id) sum = (sum * 31 + char.codePointAt(0)!) % 1_000_003;
  return sum % count;
}
