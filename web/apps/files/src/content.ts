/** Which files can be shown, and as what. Pure, but for reading a text's bytes. */

export type Content =
  | { kind: 'audio' | 'video'; url: string }
  | { kind: 'image'; url: string; small: boolean }
  | { kind: 'text'; text: string; cut: boolean };
export type Kind = Content['kind'] | 'none';

/** Larger files are fetched only when their owner asks for it: all of it goes into the memory. */
export const MOST_AT_ONCE = 64 * 1024 * 1024;
/** So much of a text is shown. */
export const MOST_TEXT = 512 * 1024;

const UNKNOWN = 'application/octet-stream';
const TEXTS = new Set(['application/json', 'application/xml', 'application/javascript', 'application/toml']);
/** Types by endings, for files whose sender knew none. Texts are all plain: nothing more is asked of them. */
const ENDINGS = new Map<string, string>([
  ...'txt md csv tsv json xml html htm yaml yml toml ini log srt tex org rst py js ts java c h cpp rs go sh sql css'
    .split(' ')
    .map((ending): [string, string] => [ending, 'text/plain']),
  ...['png', 'gif', 'webp', 'avif', 'bmp', 'heic', 'heif', 'tiff'].map((ending): [string, string] => [
    ending,
    `image/${ending}`,
  ]),
  ['jpg', 'image/jpeg'],
  ['jpeg', 'image/jpeg'],
  ['tif', 'image/tiff'],
  ['svg', 'image/svg+xml'],
  ['mp3', 'audio/mpeg'],
  ['m4a', 'audio/mp4'],
  ['ogg', 'audio/ogg'],
  ['opus', 'audio/ogg'],
  ['flac', 'audio/flac'],
  ['wav', 'audio/wav'],
  ['mp4', 'video/mp4'],
  ['m4v', 'video/mp4'],
  ['webm', 'video/webm'],
  ['mov', 'video/quicktime'],
]);

export function typeOf({ name, type }: { name: string; type: string }): string {
  const ending = /\.([^.]+)$/u.exec(name.toLowerCase())?.[1] ?? '';
  return (type && type !== UNKNOWN ? undefined : ENDINGS.get(ending)) ?? (type || UNKNOWN);
}

export function kindOf(file: { name: string; type: string }): Kind {
  const type = typeOf(file);
  const [family] = type.split('/');
  if (family === 'image' || family === 'audio' || family === 'video') return family;
  return family === 'text' || TEXTS.has(type) ? 'text' : 'none';
}

/** Whether it is read as soon as it is looked at. */
export function isReadAtOnce(file: { name: string; type: string; size: number }): boolean {
  return kindOf(file) !== 'none' && file.size <= MOST_AT_ONCE;
}

/** Kinds of pictures that the cloud draws small, HEIC among them, which most browsers cannot show. */
export function hasThumbnail(file: { name: string; type: string }): boolean {
  const type = typeOf(file);
  return /^image\/(jpeg|png|gif|webp|tiff|avif|heic|heif)$/u.test(type);
}

/** A text by its mark, else as UTF-8, else as GB 18030, which most other Chinese texts are. */
export async function textOf(blob: Blob): Promise<{ text: string; cut: boolean }> {
  const data = new Uint8Array(await blob.slice(0, MOST_TEXT).arrayBuffer());
  const cut = blob.size > MOST_TEXT;
  return { text: decoded(data, cut), cut };
}

function decoded(data: Uint8Array, cut: boolean): string {
  if (data[0] === 0xff && data[1] === 0xfe) return new TextDecoder('utf-16le').decode(data);
  if (data[0] === 0xfe && data[1] === 0xff) return new TextDecoder('utf-16be').decode(data);
  try {
    // Where it was cut, the last character may be half there.
    return new TextDecoder('utf-8', { fatal: true }).decode(data, { stream: cut });
  } catch {
    return new TextDecoder('gb18030').decode(data);
  }
}
