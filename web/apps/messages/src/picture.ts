/** Pictures that go along with a message, made as small as they have to be. */

export const MOST_PICTURES = 10;
/** What goes as it is. Not JPEG: cameras write into it where it was taken. */
const KINDS = new Set(['image/png', 'image/gif', 'image/webp']);
/** How what PNG and WebP keep of cameras begins; one that has it by chance is only drawn anew. */
const MARKS = ['eXIf', 'EXIF', 'XMP ', 'adobe.xmp'];
/** Of all pictures of one message: networks carry MMS of about so much. */
const NETWORK_BYTES = 1_000_000;
const CLOUD_BYTES = 16 << 20;
const ONE_BYTES = 8 << 20;
const SIDES = [4096, 2048, 1600, 1200, 800, 480];
const QUALITIES = [0.85, 0.6];

/** What a picture may have: bytes, and pixels on its longer side. */
export interface Room {
  bytes: number;
  side: number;
}

/** That of each of so many pictures. Pure. */
export function roomFor(count: number, account: boolean): Room {
  const bytes = Math.floor((account ? CLOUD_BYTES : NETWORK_BYTES) / Math.max(1, count));
  return { bytes: Math.min(ONE_BYTES, bytes), side: account ? 4096 : 2048 };
}

/** Whether a picture goes without being drawn anew. Pure. */
export function goesAsItIs({ type, size }: Pick<Blob, 'type' | 'size'>, room: Room): boolean {
  return KINDS.has(type) && size <= room.bytes;
}

/** Whether a picture's bytes may tell where it was taken, whatever its name says that it is. Pure. */
export function mayTellPlace(bytes: Uint8Array): boolean {
  if (bytes[0] === 0xff && bytes[1] === 0xd8) return true; // JPEG
  const text = new TextDecoder('latin1').decode(bytes);
  return MARKS.some((mark) => text.includes(mark));
}

/** The sizes in which a picture is tried, the largest first, never larger than it is. Pure. */
export function sizesOf(width: number, height: number, most: number): { width: number; height: number }[] {
  const longest = Math.max(width, height);
  const sides = [...new Set(SIDES.filter((side) => side <= most).map((side) => Math.min(side, longest)))];
  return sides.map((side) => ({
    width: Math.max(1, Math.round((width * side) / longest)),
    height: Math.max(1, Math.round((height * side) / longest)),
  }));
}

/** Rejects where this browser cannot read it as a picture. */
export async function check(file: Blob): Promise<void> {
  (await createImageBitmap(file)).close();
}

/** The picture itself, or a JPEG that has room; rejects where none is small enough, or it cannot be drawn. */
export async function fitted(file: File, room: Room): Promise<File> {
  if (goesAsItIs(file, room) && !mayTellPlace(new Uint8Array(await file.arrayBuffer()))) return file;
  const bitmap = await createImageBitmap(file);
  const canvas = document.createElement('canvas');
  const name = `${file.name.replace(/\.[^.]*$/, '')}.jpg`;
  let made: Blob | null = null;
  for (const size of sizesOf(bitmap.width, bitmap.height, room.side)) {
    Object.assign(canvas, size);
    const paper = canvas.getContext('2d')!;
    paper.fillStyle = '#fff'; // JPEG has no see-through
    paper.fillRect(0, 0, size.width, size.height);
    paper.drawImage(bitmap, 0, 0, size.width, size.height);
    for (const quality of QUALITIES) {
      made = await new Promise<Blob | null>((done) => canvas.toBlob(done, 'image/jpeg', quality));
      if (made && made.size <= room.bytes) break;
    }
    if (made && made.size <= room.bytes) break;
  }
  bitmap.close();
  if (!made || made.size > room.bytes) throw new Error('no picture was made');
  return new File([made], name, { type: 'image/jpeg' });
}
