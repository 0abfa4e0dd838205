/** Names of files, as the cloud takes them (`pileus.core.filenames`). */

import { BridgeError } from '../../../sdk/src/protocol.ts';

const BYTES = 255;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they may not stand in a name
const NEVER = /[/\u0000-\u001f\u007f-\u009f\u2028\u2029]|\p{Surrogate}/u;

/** In Unicode form C, without what stands around it; throws `bad-name`. */
export function fileName(wish: string): string {
  const name = wish.normalize('NFC').trim();
  const long = new TextEncoder().encode(name).length > BYTES;
  if (!name || name === '.' || name === '..' || NEVER.test(name) || long)
    throw new BridgeError('bad-name', 'This is no name for a file.');
  return name;
}
