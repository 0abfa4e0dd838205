/** Keys of the keyboard as USB HID usages (HID Usage Tables 1.5, page 0x07), from `KeyboardEvent.code`. */

const KEYBOARD = 0x07 << 16;
const CONSUMER = 0x0c << 16;

const NAMED: Record<string, number> = {
  Enter: 0x28,
  Escape: 0x29,
  Backspace: 0x2a,
  Tab: 0x2b,
  Space: 0x2c,
  Minus: 0x2d,
  Equal: 0x2e,
  BracketLeft: 0x2f,
  BracketRight: 0x30,
  Backslash: 0x31,
  Semicolon: 0x33,
  Quote: 0x34,
  Backquote: 0x35,
  Comma: 0x36,
  Period: 0x37,
  Slash: 0x38,
  CapsLock: 0x39,
  PrintScreen: 0x46,
  ScrollLock: 0x47,
  Pause: 0x48,
  Insert: 0x49,
  Home: 0x4a,
  PageUp: 0x4b,
  Delete: 0x4c,
  End: 0x4d,
  PageDown: 0x4e,
  ArrowRight: 0x4f,
  ArrowLeft: 0x50,
  ArrowDown: 0x51,
  ArrowUp: 0x52,
  NumLock: 0x53,
  NumpadDivide: 0x54,
  NumpadMultiply: 0x55,
  NumpadSubtract: 0x56,
  NumpadAdd: 0x57,
  NumpadEnter: 0x58,
  NumpadDecimal: 0x63,
  IntlBackslash: 0x64,
  ContextMenu: 0x65,
  NumpadEqual: 0x67,
  IntlRo: 0x87,
  KanaMode: 0x88,
  IntlYen: 0x89,
  Convert: 0x8a,
  NonConvert: 0x8b,
  Lang1: 0x90,
  Lang2: 0x91,
  ControlLeft: 0xe0,
  ShiftLeft: 0xe1,
  AltLeft: 0xe2,
  MetaLeft: 0xe3,
  ControlRight: 0xe4,
  ShiftRight: 0xe5,
  AltRight: 0xe6,
  MetaRight: 0xe7,
};
const MEDIA: Record<string, number> = {
  MediaTrackNext: 0xb5,
  MediaTrackPrevious: 0xb6,
  MediaStop: 0xb7,
  MediaPlayPause: 0xcd,
  AudioVolumeMute: 0xe2,
  AudioVolumeUp: 0xe9,
  AudioVolumeDown: 0xea,
  BrowserSearch: 0x221,
  BrowserBack: 0x224,
};

export const BACKSPACE = KEYBOARD | 0x2a;
export const DELETE = KEYBOARD | 0x4c;
export const ENTER = KEYBOARD | 0x28;
export const KEY_V = KEYBOARD | 0x19;

/** The usage of a key; 0 where there is none. */
export function hidUsage(code: string): number {
  const letter = /^Key([A-Z])$/.exec(code)?.[1];
  if (letter) return KEYBOARD | (0x04 + letter.charCodeAt(0) - 65);
  const digit = /^Digit(\d)$/.exec(code)?.[1];
  if (digit) return KEYBOARD | (digit === '0' ? 0x27 : 0x1d + Number(digit));
  const pad = /^Numpad(\d)$/.exec(code)?.[1];
  if (pad) return KEYBOARD | (pad === '0' ? 0x62 : 0x58 + Number(pad));
  const f = Number(/^F(\d+)$/.exec(code)?.[1] ?? 0);
  if (f >= 1 && f <= 12) return KEYBOARD | (0x39 + f);
  if (f >= 13 && f <= 24) return KEYBOARD | (0x68 + f - 13);
  const named = NAMED[code];
  if (named !== undefined) return KEYBOARD | named;
  const media = MEDIA[code];
  return media === undefined ? 0 : CONSUMER | media;
}

/** Modifier bits of the wire format. */
export function modifiers(event: KeyboardEvent): number {
  return (
    (event.shiftKey ? 1 : 0) |
    (event.ctrlKey ? 2 : 0) |
    (event.altKey ? 4 : 0) |
    (event.metaKey ? 8 : 0) |
    (event.getModifierState('CapsLock') ? 16 : 0)
  );
}

/** The character that a key makes; 0 for keys that make none. */
export function codepoint(key: string): number {
  const characters = [...key];
  return characters.length === 1 ? (key.codePointAt(0) ?? 0) : 0;
}
