/** As much of a block list as the handset takes. Pure. */

/** What the daemon takes: addresses, letters of one, and half of what its gateway lets through at once. */
const MOST_BLOCKED = 5000;
const LONGEST_BLOCKED = 320;
const MOST_BLOCKED_BYTES = 512 * 1024;

/** The first ones; what the daemon would refuse is left out. */
export function fitting(addresses: readonly string[]): string[] {
  const found: string[] = [];
  const text = new TextEncoder();
  let left = MOST_BLOCKED_BYTES;
  for (const one of addresses) {
    if (one === '' || [...one].length > LONGEST_BLOCKED) continue;
    left -= text.encode(JSON.stringify(one)).length + 1;
    if (left < 0 || found.length === MOST_BLOCKED) break;
    found.push(one);
  }
  return found;
}
