/** Frames to a canvas, in their order: H.264 and VP8 through WebCodecs, JPEG and PNG through ImageBitmap. */

import { type Message, Type } from './wire.ts';

export interface Shown {
  frame: number;
  input: number;
  size: number;
  /** False where the frame was dropped. */
  painted: boolean;
}

interface Entry {
  message: Message;
  size: number;
  picture?: VideoFrame | ImageBitmap | null;
}

/** The formats that this browser shows, best first. */
export async function supportedCodecs(): Promise<string[]> {
  const codecs: string[] = [];
  if ('VideoDecoder' in globalThis) {
    for (const [name, codec] of [
      ['h264', 'avc1.42C01F'],
      ['vp8', 'vp8'],
    ] as const) {
      const found = await VideoDecoder.isConfigSupported({ codec, optimizeForLatency: true }).catch(
        () => undefined,
      );
      if (found?.supported) codecs.push(name);
    }
  }
  return [...codecs, 'jpeg', 'png'];
}

export class Screen {
  #decoder?: VideoDecoder;
  #codec = '';
  #queue: Entry[] = [];
  readonly #context: CanvasRenderingContext2D;

  constructor(
    private readonly canvas: HTMLCanvasElement,
    private readonly shown: (shown: Shown) => void,
    /** The stream broke: a key frame is needed. */
    private readonly broken: () => void,
  ) {
    this.#context = canvas.getContext('2d', {
      alpha: false,
      desynchronized: true,
    }) as CanvasRenderingContext2D;
  }

  /** Takes a media message of `size` bytes. */
  take(message: Message, size: number): void {
    const entry: Entry = { message, size };
    this.#queue.push(entry);
    if (message.type === Type.VIDEO) this.#video(entry);
    else void this.#image(entry);
  }

  /** Forgets the stream, keeps the picture. */
  reset(): void {
    if (this.#decoder && this.#decoder.state !== 'closed') this.#decoder.close();
    this.#decoder = undefined;
    for (const entry of this.#queue) entry.picture?.close();
    this.#queue = [];
  }

  #video(entry: Entry): void {
    const { message } = entry;
    const key = ((message.flags as number) & 1) === 1;
    const data = message.data as Uint8Array<ArrayBuffer>;
    if (key) this.#configure(message.codec === 0 ? avcCodec(data) : 'vp8');
    if (this.#decoder?.state !== 'configured') {
      this.#drop(entry);
      this.broken();
      return;
    }
    const timestamp = message.frame_id as number;
    this.#decoder.decode(new EncodedVideoChunk({ type: key ? 'key' : 'delta', timestamp, data }));
  }

  #configure(codec: string): void {
    if (this.#decoder?.state === 'configured' && this.#codec === codec) return;
    this.#codec = codec;
    if (!this.#decoder || this.#decoder.state === 'closed')
      this.#decoder = new VideoDecoder({
        output: (frame) => this.#decoded(frame),
        error: () => this.#failed(),
      });
    this.#decoder.configure({ codec, optimizeForLatency: true });
  }

  #decoded(frame: VideoFrame): void {
    const entry = this.#queue.find((one) => one.message.frame_id === frame.timestamp);
    if (!entry) {
      frame.close();
      return;
    }
    entry.picture = frame;
    this.#drain();
  }

  #failed(): void {
    this.#decoder = undefined;
    for (const entry of this.#queue) if (entry.message.type === Type.VIDEO) entry.picture ??= null;
    this.#drain();
    this.broken();
  }

  async #image(entry: Entry): Promise<void> {
    const type = entry.message.format === 1 ? 'image/png' : 'image/jpeg';
    const blob = new Blob([entry.message.data as Uint8Array<ArrayBuffer>], { type });
    entry.picture = await createImageBitmap(blob, { colorSpaceConversion: 'none' }).catch(() => null);
    this.#drain();
  }

  #drop(entry: Entry): void {
    entry.picture = null;
    this.#drain();
  }

  #drain(): void {
    for (let entry = this.#queue[0]; entry && entry.picture !== undefined; entry = this.#queue[0]) {
      this.#queue.shift();
      const { message, picture, size } = entry;
      if (picture) this.#paint(message, picture);
      picture?.close();
      const frame = message.frame_id as number;
      this.shown({ frame, input: message.input_id as number, size, painted: Boolean(picture) });
    }
  }

  #paint(message: Message, picture: VideoFrame | ImageBitmap): void {
    const video = message.type === Type.VIDEO;
    const width = (video ? message.width : message.surface_width) as number;
    const height = (video ? message.height : message.surface_height) as number;
    if (this.canvas.width !== width || this.canvas.height !== height) {
      this.canvas.width = width;
      this.canvas.height = height;
    }
    if (video) this.#context.drawImage(picture, 0, 0, width, height);
    else this.#context.drawImage(picture, message.x as number, message.y as number);
  }
}

/** The codec's name from the sequence parameter set of an Annex B key frame (ITU-T H.264 §7.3.2.1.1). */
export function avcCodec(data: Uint8Array): string {
  for (let i = 0; i + 6 < data.length; i++) {
    if (data[i] !== 0 || data[i + 1] !== 0 || data[i + 2] !== 1 || ((data[i + 3] as number) & 0x1f) !== 7)
      continue;
    const hex = [...data.subarray(i + 4, i + 7)].map((byte) => byte.toString(16).padStart(2, '0'));
    return `avc1.${hex.join('')}`;
  }
  return 'avc1.42C01F';
}
