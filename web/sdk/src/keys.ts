/** The phone's own keys on a keyboard: Escape goes back, F4 shows recents, Home goes home. */

export type PhoneKey = 'Escape' | 'F4' | 'Home';

type Press = Pick<
  KeyboardEvent,
  'key' | 'altKey' | 'ctrlKey' | 'metaKey' | 'shiftKey' | 'isComposing' | 'composedPath'
>;

/** Undefined where the key is none of the phone's, or has its meaning in what has the focus. */
export function phoneKey(press: Press): PhoneKey | undefined {
  const { key } = press;
  if (key !== 'Escape' && key !== 'F4' && key !== 'Home') return undefined;
  if (press.isComposing || press.altKey || press.ctrlKey || press.metaKey || press.shiftKey) return undefined;
  return key === 'Home' && isTyping(press) ? undefined : key;
}

/** The focus is where text is written. */
export function isTyping(press: Pick<Press, 'composedPath'>): boolean {
  const target = press.composedPath()[0] as Partial<HTMLElement> | undefined;
  return target?.isContentEditable === true || /^(input|textarea|select)$/i.test(target?.tagName ?? '');
}
