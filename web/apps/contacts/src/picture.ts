/** A picture for a contact: cut to a square of 512 pixels, small enough to live in the record. */

const SIDE = 512;
const MOST = 64 * 1024;

/** A `data:` JPEG; rejects where the file is no picture that this browser can read. */
export async function squarePicture(file: Blob): Promise<string> {
  const bitmap = await createImageBitmap(file);
  const side = Math.min(bitmap.width, bitmap.height);
  const canvas = document.createElement('canvas');
  const size = Math.min(SIDE, side);
  canvas.width = size;
  canvas.height = size;
  const left = (bitmap.width - side) / 2;
  canvas.getContext('2d')!.drawImage(bitmap, left, (bitmap.height - side) / 2, side, side, 0, 0, size, size);
  bitmap.close();
  for (const quality of [0.85, 0.7, 0.5, 0.3]) {
    const url = canvas.toDataURL('image/jpeg', quality);
    if (url.length <= MOST) return url;
  }
  return canvas.toDataURL('image/jpeg', 0.1);
}
