/**
 * The surface wire format, version 1 (contracts/surface/README.md). A message is `{type, …fields}` with the
 * contract's field names; its layout is a line of the table below. 64-bit numbers are safe integers here.
 */

export const VERSION = 1;

export const Type = {
  HELLO: 0x01,
  ACK: 0x02,
  TOUCH: 0x03,
  KEY: 0x04,
  TEXT: 0x05,
  CLIPBOARD: 0x06,
  RESIZE: 0x07,
  NAV: 0x08,
  VISIBILITY: 0x09,
  CONFIG: 0x0d,
  SCROLL: 0x0e,
  REFRESH: 0x0f,
  PING: 0x10,
  WELCOME: 0x40,
  VIDEO: 0x41,
  IMAGE: 0x42,
  CLIPBOARD_CHANGED: 0x46,
  STATE: 0x47,
  IME: 0x48,
  NOT_OFFERED: 0x49,
  DETACHED: 0x4a,
  TITLE: 0x4b,
  CONFIGURED: 0x4c,
  NOTIFY: 0x4d,
  PONG: 0x4e,
  SHOW: 0x4f,
} as const;

export type WireCode =
  | 'unknown-type'
  | 'truncated'
  | 'trailing'
  | 'too-large'
  | 'bad-text'
  | 'bad-json'
  | 'bad-value';

export class WireError extends Error {
  constructor(
    readonly code: WireCode,
    message: string,
  ) {
    super(message);
  }
}

export type Json = Record<string, unknown>;
export type Part = Record<string, number | Uint8Array>;
export type Value = number | string | Uint8Array | Json | Part[] | number[];
export interface Message {
  readonly type: number;
  readonly [field: string]: Value;
}

const MAX_TEXT = 64 << 10;
const MAX_JSON = 1 << 20;
const MAX_CLIPBOARD = 1 << 20;
const MAX_MEDIA = 64 << 20;

/** `name:kind`; `u8<3` is a u8 of at most 3; `list8 a:f32 …` counts in a u8, `list16` in a u16. */
type Field =
  | { name: string; kind: Scalar; most: number }
  | { name: string; kind: 'text' | 'json' | 'bytes'; most: number }
  | { name: string; kind: 'list'; wide: boolean; most: number; item: Field[] };
type Scalar = 'u8' | 'u16' | 'u32' | 'u64' | 'i32' | 'f32' | 'f64';

const RECT = 'x:u16 y:u16 w:u16 h:u16';
const LAYOUTS: Record<number, string> = {
  1: 'version:u8 info:json',
  2: 'frame_id:u64 bytes:u64',
  3: 'input_id:u64 time_us:u64 action:u8<3 changed:u8 pointers:[8<16 id:u8 x:f32 y:f32 pressure:u16]',
  4: 'input_id:u64 action:u8<1 usage:u32 modifiers:u32 codepoint:u32 repeat:u8<1',
  5: 'input_id:u64 kind:u8<5 a:i32 b:i32 text:text',
  6: 'mime:text data:clip',
  7: 'width:u16 height:u16 dpi:u16 rotation:u8<3',
  8: 'input_id:u64 button:u8',
  9: 'visible:u8<1',
  10: 'time_us:u64 codec:u8 data:media',
  11: 'kind:u8<5 time_us:u64 values:[8<16 value:f64]',
  12: 'input_id:u64 node:u32 action:u8<5 argument:text',
  13: 'info:json',
  14: 'input_id:u64 x:f32 y:f32 dx:f32 dy:f32',
  15: '',
  16: 'nonce:u64',
  64: 'version:u8 info:json',
  65: 'frame_id:u64 input_id:u64 time_us:u64 codec:u8<1 flags:u8 width:u16 height:u16 data:media',
  66: 'frame_id:u64 input_id:u64 time_us:u64 format:u8<1 x:u16 y:u16 width:u16 height:u16 surface_width:u16 surface_height:u16 data:media',
  67: `frame_id:u64 input_id:u64 time_us:u64 surface_width:u16 surface_height:u16 copies:[16<65535 sx:u16 sy:u16 w:u16 h:u16 dx:u16 dy:u16] tiles:[16<65535 ${RECT} data:media]`,
  68: 'time_us:u64 codec:u8 data:media',
  69: 'revision:u64 tree:json',
  70: 'mime:text data:clip',
  71: 'state:u8<4 info:json',
  72: 'active:u8<1 input_type:u32 ime_options:u32 x:u16 y:u16 width:u16 height:u16 selection_start:i32 selection_end:i32 text_around:text',
  73: 'refused:u8',
  74: 'reason:u8<4 info:json',
  75: 'title:text colour:u32',
  76: 'width:u16 height:u16 dpi:u16 rotation:u8<3',
  77: 'info:json',
  78: 'nonce:u64',
  79: 'info:json',
  128: 'info:json',
  129: 'slot:u8',
  130: 'kind:u8<1',
  131: 'call_id:u32 status:u8 parcel:media',
  192: 'info:json',
  193: `slot:u8 number:u64 input_id:u64 time_us:u64 width:u16 height:u16 stride:u32 format:u8 rects:[16<65535 ${RECT}]`,
  194: 'call_id:u32 one_way:u8<1 service:text code:u32 parcel:media',
  195: 'level:u8 line:text',
};

const WIDTHS: Record<Scalar, number> = { u8: 1, u16: 2, u32: 4, u64: 8, i32: 4, f32: 4, f64: 8 };
const compiled = new Map<number, Field[]>(
  Object.entries(LAYOUTS).map(([type, text]) => [Number(type), compile(text)]),
);
export const TYPES: readonly number[] = [...compiled.keys()];

export function encode(message: Message): Uint8Array<ArrayBuffer> {
  const layout = compiled.get(message.type);
  if (!layout) throw new WireError('unknown-type', `no message of type ${message.type}`);
  check(message);
  const out = new Writer();
  out.scalar('u8', message.type, 255);
  for (const field of layout) out.field(field, message[field.name]);
  return out.take();
}

export function decode(data: ArrayBuffer | Uint8Array): Message {
  const bytes = data instanceof Uint8Array ? data : new Uint8Array(data);
  if (bytes.length === 0) throw new WireError('truncated', 'the message is empty');
  const type = bytes[0] as number;
  const layout = compiled.get(type);
  if (!layout) throw new WireError('unknown-type', `no message of type ${type}`);
  const reader = new Reader(bytes);
  const message: Record<string, Value> & { type: number } = { type };
  for (const field of layout) message[field.name] = reader.field(field);
  if (reader.at !== bytes.length) throw new WireError('trailing', 'bytes follow the message');
  check(message);
  return message;
}

/** What one field alone does not show. */
function check(message: Message): void {
  if (message.type !== Type.TOUCH) return;
  if ((message.changed as number) >= (message.pointers as Part[]).length)
    throw new WireError('bad-value', 'the pointer that changed is not among the pointers');
}

function compile(text: string): Field[] {
  const fields: Field[] = [];
  for (const [, name = '', list, plain] of text.matchAll(/(\w+):(?:\[([^\]]*)\]|(\S+))/g)) {
    if (list !== undefined) {
      const [head = '', ...rest] = list.split(' ');
      const [bits, most] = head.split('<');
      fields.push({
        name,
        kind: 'list',
        wide: bits === '16',
        most: Number(most),
        item: compile(rest.join(' ')),
      });
    } else fields.push(plainField(name, plain ?? ''));
  }
  return fields;
}

function plainField(name: string, text: string): Field {
  if (text === 'text') return { name, kind: 'text', most: MAX_TEXT };
  if (text === 'json') return { name, kind: 'json', most: MAX_JSON };
  if (text === 'clip') return { name, kind: 'bytes', most: MAX_CLIPBOARD };
  if (text === 'media') return { name, kind: 'bytes', most: MAX_MEDIA };
  const [kind, most] = text.split('<');
  return { name, kind: kind as Scalar, most: most === undefined ? Number.POSITIVE_INFINITY : Number(most) };
}

class Reader {
  at = 1;
  readonly #view: DataView;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  field(field: Field): Value {
    if (field.kind === 'list') return this.#list(field);
    if (field.kind === 'text') return this.#text(field.most);
    if (field.kind === 'json') return this.#json(field.most);
    if (field.kind === 'bytes') return this.#run(field.most);
    return this.#scalar(field.kind, field.most);
  }

  #need(size: number): number {
    const start = this.at;
    if (start + size > this.#bytes.length) throw new WireError('truncated', 'the message ends too early');
    this.at += size;
    return start;
  }

  #scalar(kind: Scalar, most: number): number {
    const at = this.#need(WIDTHS[kind]);
    const value = read(this.#view, kind, at);
    if (value > most || !Number.isFinite(value)) throw new WireError('bad-value', `${value} is not allowed`);
    if (kind === 'u64' && !Number.isSafeInteger(value))
      throw new WireError('bad-value', 'a number is over 2^53');
    return value;
  }

  #run(most: number): Uint8Array {
    const size = this.#view.getUint32(this.#need(4), true);
    if (size > most) throw new WireError('too-large', `${size} bytes are over ${most}`);
    const at = this.#need(size);
    return this.#bytes.subarray(at, at + size);
  }

  #text(most: number): string {
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(this.#run(most));
    } catch (error) {
      if (error instanceof WireError) throw error;
      throw new WireError('bad-text', 'a text is not UTF-8');
    }
  }

  #json(most: number): Json {
    let value: unknown;
    try {
      value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(this.#run(most)));
    } catch (error) {
      if (error instanceof WireError) throw error;
      throw new WireError('bad-json', 'a field is not JSON');
    }
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw new WireError('bad-json', 'a field is not a JSON object');
    return value as Json;
  }

  #list(field: Field & { kind: 'list' }): Part[] | number[] {
    const count = this.#scalar(field.wide ? 'u16' : 'u8', Number.POSITIVE_INFINITY);
    if (count > field.most) throw new WireError('too-large', `a list of ${count} is over ${field.most}`);
    const parts: Part[] = [];
    for (let i = 0; i < count; i++) {
      const part: Part = {};
      for (const inner of field.item) part[inner.name] = this.field(inner) as number | Uint8Array;
      parts.push(part);
    }
    return field.item.length === 1 ? parts.map((part) => part.value as number) : parts;
  }
}

function read(view: DataView, kind: Scalar, at: number): number {
  switch (kind) {
    case 'u8':
      return view.getUint8(at);
    case 'u16':
      return view.getUint16(at, true);
    case 'u32':
      return view.getUint32(at, true);
    case 'u64':
      return view.getUint32(at + 4, true) * 2 ** 32 + view.getUint32(at, true);
    case 'i32':
      return view.getInt32(at, true);
    case 'f32':
      return view.getFloat32(at, true);
    case 'f64':
      return view.getFloat64(at, true);
  }
}

class Writer {
  #bytes = new Uint8Array(256);
  #view = new DataView(this.#bytes.buffer);
  #at = 0;

  take(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.#at);
  }

  field(field: Field, value: Value | undefined): void {
    if (field.kind === 'list') this.#list(field, value as Part[] | number[]);
    else if (field.kind === 'text') this.#run(utf8(value as string), field.most);
    else if (field.kind === 'json') this.#run(new TextEncoder().encode(JSON.stringify(value)), field.most);
    else if (field.kind === 'bytes') this.#run(value as Uint8Array, field.most);
    else this.scalar(field.kind, value as number, field.most);
  }

  scalar(kind: Scalar, value: number, most: number): void {
    if (!Number.isFinite(value) || value > most) throw new WireError('bad-value', `${value} is not allowed`);
    const at = this.#grow(WIDTHS[kind]);
    const view = this.#view;
    if (kind === 'f32') view.setFloat32(at, value, true);
    else if (kind === 'f64') view.setFloat64(at, value, true);
    else this.#whole(kind, value, at);
  }

  #whole(kind: Scalar, value: number, at: number): void {
    const signed = kind === 'i32';
    const [low, high] = signed
      ? [-(2 ** 31), 2 ** 31 - 1]
      : [0, Math.min(2 ** (WIDTHS[kind] * 8) - 1, 2 ** 53 - 1)];
    if (!Number.isInteger(value) || value < low || value > high)
      throw new WireError('bad-value', `${value} does not fit ${kind}`);
    const view = this.#view;
    if (kind === 'u8') view.setUint8(at, value);
    else if (kind === 'u16') view.setUint16(at, value, true);
    else if (kind === 'u64') {
      view.setUint32(at, value % 2 ** 32, true);
      view.setUint32(at + 4, Math.floor(value / 2 ** 32), true);
    } else if (signed) view.setInt32(at, value, true);
    else view.setUint32(at, value, true);
  }

  #run(data: Uint8Array, most: number): void {
    if (data.length > most) throw new WireError('too-large', `${data.length} bytes are over ${most}`);
    this.scalar('u32', data.length, most);
    const at = this.#grow(data.length);
    this.#bytes.set(data, at);
  }

  #list(field: Field & { kind: 'list' }, values: Part[] | number[]): void {
    if (values.length > field.most)
      throw new WireError('too-large', `a list of ${values.length} is over ${field.most}`);
    this.scalar(field.wide ? 'u16' : 'u8', values.length, field.most);
    for (const value of values)
      for (const inner of field.item)
        this.field(inner, typeof value === 'number' ? value : value[inner.name]);
  }

  #grow(size: number): number {
    const at = this.#at;
    this.#at += size;
    if (this.#at > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(this.#at, this.#bytes.length * 2));
      larger.set(this.#bytes);
      this.#bytes = larger;
      this.#view = new DataView(larger.buffer);
    }
    return at;
  }
}

function utf8(text: string): Uint8Array {
  if (/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/.test(text))
    throw new WireError('bad-text', 'a text holds half a character');
  return new TextEncoder().encode(text);
}
