/** Addresses in a text that can be opened. Pure. */

/** A piece of a text; `href` where it is an address, and then `text` is that address. */
export interface Piece {
  text: string;
  href?: string;
}

/**
 * ASCII alone: nothing in an address looks like another letter, or turns the direction of what is read. Without regard
 * to case, a class would have letters that fold to ASCII too (\u212a, \u017f), so the scheme says its own.
 */
const ADDRESS = /\b[Hh][Tt][Tt][Pp][Ss]?:\/\/[!#-;=?-~]+/g;
/** What the phone opens; a longer one is text. */
const LONGEST = 2000;
/** What more often ends a sentence than an address. */
const ENDS = new Set(".,;:!?'*_~\\|`^");
const PAIRS: { [close: string]: string } = { ')': '(', ']': '[', '}': '{' };
/** Letters, marks and invisible signs that go on where the address was cut; text in Han and kana begins anew. */
const GOES_ON = /^(?![\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}])[\p{L}\p{M}\p{N}\p{Cf}]/u;

export function pieces(text: string): Piece[] {
  const found: Piece[] = [];
  let at = 0;
  for (const { 0: match, index } of text.matchAll(ADDRESS)) {
    if (match.length > LONGEST) continue;
    const address = trimmed(match);
    const href = hrefOf(address);
    if (!href || GOES_ON.test(text.slice(index + match.length))) continue;
    if (index > at) found.push({ text: text.slice(at, index) });
    found.push({ text: address, href });
    at = index + address.length;
  }
  if (at < text.length) found.push({ text: text.slice(at) });
  return found;
}

/** Without what ends the sentence: signs, and brackets that nothing in the address opens. In one pass. */
function trimmed(match: string): string {
  const spare: { [close: string]: number } = {};
  for (const [close, open] of Object.entries(PAIRS)) spare[close] = count(match, close) - count(match, open);
  let end = match.length;
  for (; end > 0; end--) {
    const last = match[end - 1]!;
    if (ENDS.has(last)) continue;
    if (!((spare[last] ?? 0) > 0)) break;
    spare[last]! -= 1;
  }
  return match.slice(0, end);
}

function count(text: string, sign: string): number {
  let found = 0;
  for (const one of text) if (one === sign) found += 1;
  return found;
}

/** Undefined where what is read is not where it leads: a name before the host, a host written in another way. */
function hrefOf(address: string): string | undefined {
  if (!URL.canParse(address)) return undefined;
  const url = new URL(address);
  const read = /^https?:\/\/([^/?#]*)/i.exec(address)?.[1]?.toLowerCase();
  const port = url.protocol === 'http:' ? ':80' : ':443';
  const same = read === url.host || read === url.host + port;
  return same && url.hostname.includes('.') && !url.hostname.endsWith('.') ? url.href : undefined;
}
