/** A Yjs text and a text area that show the same: small edits go in, the caret stays where it was. */

import * as Y from 'yjs';

const ROOT = 'text';
const REMOTE = Symbol('remote');

export interface Edit {
  at: number;
  removed: number;
  added: string;
}

/** The one edit between two texts; `caret` (in the new text) says where, when several would do. */
export function editBetween(before: string, after: string, caret = after.length): Edit | undefined {
  if (before === after) return undefined;
  const room = Math.min(before.length, after.length);
  // What follows the caret was not typed: match the end first, but no further than the caret.
  let end = 0;
  const most = Math.min(room, after.length - caret);
  while (end < most && before.at(-1 - end) === after.at(-1 - end)) end++;
  let start = 0;
  while (start < room - end && before[start] === after[start]) start++;
  while (end < room - start && before.at(-1 - end) === after.at(-1 - end)) end++;
  if (start > 0 && isHigh(before, start - 1)) start--;
  if (end > 0 && isLow(before, before.length - end)) end--;
  return { at: start, removed: before.length - end - start, added: after.slice(start, after.length - end) };
}

/** Where a place is after the changes of a Yjs delta; text that came in right at it stays behind it. */
export function movedBy(
  delta: readonly { retain?: number; insert?: unknown; delete?: number }[],
  place: number,
): number {
  let at = 0;
  let moved = place;
  for (const step of delta) {
    if (step.retain) at += step.retain;
    if (typeof step.insert === 'string') {
      if (at < moved) moved += step.insert.length;
      at += step.insert.length;
    }
    if (step.delete && at < moved) moved -= Math.min(step.delete, moved - at);
  }
  return moved;
}

type Area = Pick<
  HTMLTextAreaElement,
  | 'value'
  | 'selectionStart'
  | 'selectionEnd'
  | 'setSelectionRange'
  | 'addEventListener'
  | 'removeEventListener'
>;

export class Body {
  private readonly doc = new Y.Doc();
  private readonly text = this.doc.getText(ROOT);
  private area: Area | undefined;
  private composing = false;
  private shown = '';
  private waiting: Uint8Array[] = [];

  /** `onLocal` hears the updates that were typed here; `onChange` every change of the text. */
  constructor(
    state: Uint8Array,
    private readonly onLocal: (update: Uint8Array) => void,
    private readonly onChange: (text: string) => void = () => undefined,
  ) {
    if (state.length > 0) Y.applyUpdate(this.doc, state, REMOTE);
    this.doc.on('update', (update: Uint8Array, origin: unknown) => {
      if (origin !== REMOTE) this.onLocal(update);
    });
    this.text.observe((event) => {
      if (event.transaction.origin === REMOTE) this.show(event.delta as Parameters<typeof movedBy>[0]);
      this.onChange(this.value);
    });
  }

  get value(): string {
    return this.text.toString();
  }

  attach(area: Area): void {
    this.area = area;
    this.shown = this.value;
    area.value = this.shown;
    area.addEventListener('input', this.input);
    area.addEventListener('compositionstart', this.start);
    area.addEventListener('compositionend', this.end);
  }

  detach(): void {
    if (this.composing) this.end();
    this.area?.removeEventListener('input', this.input);
    this.area?.removeEventListener('compositionstart', this.start);
    this.area?.removeEventListener('compositionend', this.end);
    this.area = undefined;
  }

  /** Updates of others wait while a word is being composed: touching the field would break it off. */
  receive(update: Uint8Array): void {
    if (this.composing) this.waiting.push(update);
    else Y.applyUpdate(this.doc, update, REMOTE);
  }

  private start = (): void => {
    this.composing = true;
  };

  private end = (): void => {
    this.composing = false;
    this.input();
    for (const update of this.waiting.splice(0)) Y.applyUpdate(this.doc, update, REMOTE);
  };

  private input = (): void => {
    const area = this.area;
    if (!area || this.composing) return;
    const edit = editBetween(this.shown, area.value, area.selectionEnd);
    this.shown = area.value;
    if (!edit) return;
    this.doc.transact(() => {
      if (edit.removed) this.text.delete(edit.at, edit.removed);
      if (edit.added) this.text.insert(edit.at, edit.added);
    });
  };

  private show(delta: Parameters<typeof movedBy>[0]): void {
    const area = this.area;
    if (!area) return;
    const { selectionStart, selectionEnd } = area;
    this.shown = this.value;
    area.value = this.shown;
    area.setSelectionRange(movedBy(delta, selectionStart), movedBy(delta, selectionEnd));
  }
}

export function mergeUpdates(updates: Uint8Array[]): Uint8Array {
  return updates.length === 1 ? updates[0]! : Y.mergeUpdates(updates);
}

function isHigh(text: string, at: number): boolean {
  return (text.charCodeAt(at) & 0xfc00) === 0xd800;
}

function isLow(text: string, at: number): boolean {
  return (text.charCodeAt(at) & 0xfc00) === 0xdc00;
}
