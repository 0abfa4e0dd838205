/** An icon's own colour for the start screen, dark enough for white on it; undefined when it can't be read. */
export async function averageColour(src: string): Promise<string | undefined> {
  const image = new Image();
  image.crossOrigin = 'anonymous';
  image.src = src;
  try {
    await image.decode();
    const canvas = new OffscreenCanvas(16, 16);
    const context = canvas.getContext('2d', { willReadFrequently: true })!;
    context.drawImage(image, 0, 0, 16, 16);
    return mix(context.getImageData(0, 0, 16, 16).data);
  } catch {
    return undefined;
  }
}

/** RGBA bytes to one colour: opaque and colourful pixels count most. */
export function mix(pixels: ArrayLike<number>): string {
  const sum = [0, 0, 0];
  let weights = 0;
  for (let at = 0; at + 3 < pixels.length; at += 4) {
    const rgb = [pixels[at]!, pixels[at + 1]!, pixels[at + 2]!];
    const weight = (pixels[at + 3]! / 255) * (8 + Math.max(...rgb) - Math.min(...rgb));
    for (const channel of [0, 1, 2]) sum[channel]! += rgb[channel]! * weight;
    weights += weight;
  }
  if (weights === 0) return '#5b6b82';
  const mean = sum.map((channel) => channel / weights);
  const luminance = (0.2126 * mean[0]! + 0.7152 * mean[1]! + 0.0722 * mean[2]!) / 255;
  const dim = Math.min(1, 0.42 / Math.max(0.01, luminance));
  return `#${mean
    .map((channel) =>
      Math.round(channel * dim)
        .toString(16)
        .padStart(2, '0'),
    )
    .join('')}`;
}
