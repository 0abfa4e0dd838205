/** The bars above and below a streamed app's picture go on in the colours of its first and last row. */

/** What lies under the phone's bars, as CSS colours. */
export interface Bars {
  top: string;
  bottom: string;
}

const SAMPLES = 64;
const WHITE = '#fdfeff';
const BLACK = '#10151c';

let strip: OffscreenCanvasRenderingContext2D | undefined;

/** Of a canvas that something was drawn to; undefined where there is nothing to see. */
export function barsOf(picture: HTMLCanvasElement): Bars | undefined {
  if (picture.width < SAMPLES || picture.height < 2) return undefined;
  strip ??= new OffscreenCanvas(SAMPLES, 2).getContext('2d', { willReadFrequently: true }) ?? undefined;
  if (!strip) return undefined;
  strip.imageSmoothingEnabled = false;
  strip.drawImage(picture, 0, 0, picture.width, 1, 0, 0, SAMPLES, 1);
  strip.drawImage(picture, 0, picture.height - 1, picture.width, 1, 0, 1, SAMPLES, 1);
  const row = (at: number) => commonColour(strip!.getImageData(0, at, SAMPLES, 1).data);
  return { top: row(0), bottom: row(1) };
}

/** The colour of most of a row's RGBA pixels: text and pictures that pass under it do not change it. */
export function commonColour(pixels: ArrayLike<number>): string {
  const kinds = new Map<number, [number, number, number, number]>();
  for (let at = 0; at + 3 < pixels.length; at += 4) {
    const [red, green, blue] = [pixels[at]!, pixels[at + 1]!, pixels[at + 2]!];
    // Sixteen levels of each: a codec's noise does not make another colour.
    const kind = ((red >> 4) << 8) | ((green >> 4) << 4) | (blue >> 4);
    const sum = kinds.get(kind) ?? [0, 0, 0, 0];
    kinds.set(kind, [sum[0] + red, sum[1] + green, sum[2] + blue, sum[3] + 1]);
  }
  const most = [...kinds.values()].reduce((one, other) => (other[3] > one[3] ? other : one));
  return `rgb(${most
    .slice(0, 3)
    .map((sum) => Math.round(sum / most[3]))
    .join(' ')})`;
}

/** White or black, whichever is read better on an `rgb(r g b)` (WCAG 2.2, relative luminance). */
export function inkOn(colour: string): string {
  const [red = 0, green = 0, blue = 0] = (colour.match(/\d+/g) ?? []).map((level) => linear(Number(level)));
  const luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  // Where the contrast with white, 1.05 / (L + 0.05), is that with the ink, (L + 0.05) / 0.058.
  return luminance < 0.196 ? WHITE : BLACK;
}

function linear(level: number): number {
  const share = level / 255;
  return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
}
