/**
 * Text from the phone's own keyboard: a textarea that nobody sees, where the caret of the app is. What is composed
 * in it (Chinese, Japanese, swiped words) travels as text with composition, never as keys.
 */

import { BACKSPACE, DELETE, ENTER } from './keys.ts';
import { type Message, Type } from './wire.ts';

const COMMIT = 0;
const COMPOSE = 1;
const FINISH = 2;
const ACTION = 5;
/** android.text.InputType: the class in the low bits, flags above. */
const CLASS_MASK = 0xf;
const MULTI_LINE = 0x20000;
const MODES: Record<number, string> = { 2: 'decimal', 3: 'tel', 4: 'text' };
const URI = 0x10;
const EMAIL = 0x20;
/** Something to delete, so that a virtual keyboard's backspace is heard; no part of any word. */
const GUARD = '\u00a0\u00a0';

type Send = (message: Omit<Message, 'input_id'> & { type: number }) => void;

export class Editor {
  #active = false;
  #composing = false;
  #inputType = 0;
  #imeOptions = 0;

  constructor(
    readonly area: HTMLTextAreaElement,
    private readonly send: Send,
  ) {
    area.addEventListener('compositionstart', () => {
      this.#composing = true;
    });
    area.addEventListener('compositionupdate', (event) => this.#text(COMPOSE, event.data));
    area.addEventListener('compositionend', (event) => this.#composed(event.data));
    area.addEventListener('beforeinput', (event) => this.#before(event));
    area.addEventListener('input', () => this.#guard());
    this.#guard();
  }

  get active(): boolean {
    return this.#active;
  }

  get composing(): boolean {
    return this.#composing;
  }

  /** What the app said about its text field; true when the keyboard is wanted. */
  update(ime: Message): boolean {
    this.#active = ime.active === 1;
    this.#inputType = ime.input_type as number;
    this.#imeOptions = ime.ime_options as number;
    const variation = this.#inputType & 0xff0;
    const text = variation === EMAIL ? 'email' : variation === URI ? 'url' : 'text';
    this.area.inputMode = MODES[this.#inputType & CLASS_MASK] ?? text;
    this.area.enterKeyHint = this.#multiLine ? 'enter' : (hint(this.#imeOptions) ?? 'done');
    return this.#active;
  }

  /** Ends a composition that a touch elsewhere has left behind. */
  finish(): void {
    if (this.#composing) this.#text(FINISH, '');
    this.#composing = false;
    this.#guard();
  }

  get #multiLine(): boolean {
    return (this.#inputType & MULTI_LINE) !== 0;
  }

  #composed(data: string): void {
    this.#composing = false;
    this.#text(COMMIT, data);
    this.#guard();
  }

  #before(event: InputEvent): void {
    if (event.isComposing || event.inputType === 'insertCompositionText') return;
    event.preventDefault();
    const text = event.data ?? event.dataTransfer?.getData('text/plain') ?? '';
    if (event.inputType === 'insertLineBreak' || event.inputType === 'insertParagraph') this.#enter();
    else if (event.inputType.startsWith('insert') && text) this.#text(COMMIT, text);
    else if (event.inputType.endsWith('Forward')) this.#key(DELETE);
    else if (event.inputType.startsWith('delete'))
      this.#key(BACKSPACE, event.inputType.includes('Word') ? 2 : 0);
  }

  #enter(): void {
    const action = this.#imeOptions & 0xff;
    if (this.#multiLine) this.#text(COMMIT, '\n');
    else if (action >= 2) this.send({ type: Type.TEXT, kind: ACTION, a: action, b: 0, text: '' });
    else this.#key(ENTER);
  }

  #text(kind: number, text: string): void {
    this.send({ type: Type.TEXT, kind, a: 1, b: 0, text });
  }

  #key(usage: number, modifiers = 0): void {
    for (const action of [0, 1])
      this.send({ type: Type.KEY, action, usage, modifiers, codepoint: 0, repeat: 0 });
  }

  #guard(): void {
    if (this.#composing) return;
    this.area.value = GUARD;
    this.area.setSelectionRange(GUARD.length, GUARD.length);
  }
}

/** The keyboard's action key, from android.view.inputmethod.EditorInfo's IME_ACTION_*. */
function hint(options: number): string | undefined {
  return { 2: 'go', 3: 'search', 4: 'send', 5: 'next', 6: 'done', 7: 'previous' }[options & 0xff];
}
