import { expect, test } from 'vitest';
import * as Y from 'yjs';
import { Body, editBetween, mergeUpdates, movedBy } from '../src/body.ts';

class Area extends EventTarget {
  value = '';
  selectionStart = 0;
  selectionEnd = 0;
  setSelectionRange(start: number, end: number): void {
    this.selectionStart = start;
    this.selectionEnd = end;
  }
  type(value: string, caret = value.length): void {
    this.value = value;
    this.setSelectionRange(caret, caret);
    this.dispatchEvent(new Event('input'));
  }
}

function open(state: Uint8Array = new Uint8Array()): { area: Area; body: Body; sent: Uint8Array[] } {
  const area = new Area();
  const sent: Uint8Array[] = [];
  const body = new Body(state, (update) => sent.push(update));
  body.attach(area as unknown as HTMLTextAreaElement);
  return { area, body, sent };
}

test('an edit is found at the caret where letters repeat', () => {
  expect(editBetween('aaa', 'aaaa', 1)).toEqual({ at: 0, removed: 0, added: 'a' });
  expect(editBetween('aaa', 'aaaa', 4)).toEqual({ at: 3, removed: 0, added: 'a' });
  expect(editBetween('same', 'same')).toBeUndefined();
});

test('an edit never cuts a character in two', () => {
  const edit = editBetween('x😀y', 'x😁y', 3)!;
  expect(edit).toEqual({ at: 1, removed: 2, added: '😁' });
});

test('random edits applied give the new text', () => {
  let seed = 7;
  const random = (limit: number) => {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    return seed % limit;
  };
  const letters = ['a', 'b', '\n', '湖', '😀', '😁'];
  const word = () => Array.from({ length: random(12) }, () => letters[random(letters.length)]).join('');
  for (let round = 0; round < 3000; round++) {
    const before = word();
    const after = word();
    const edit = editBetween(before, after, random(after.length + 1));
    const made = edit ? before.slice(0, edit.at) + edit.added + before.slice(edit.at + edit.removed) : before;
    expect(made).toBe(after);
  }
});

test('two devices that typed apart end with both texts', () => {
  const one = open();
  one.area.type('tea');
  const two = open(mergeUpdates(one.sent));
  one.area.type('green tea', 6);
  two.area.type('tea at 西湖');
  for (const update of one.sent.slice(1)) two.body.receive(update);
  for (const update of two.sent) one.body.receive(update);
  expect(one.body.value).toBe('green tea at 西湖');
  expect(two.area.value).toBe(one.area.value);
});

test('the caret stays at its place when others write before and after it', () => {
  const one = open();
  one.area.type('middle', 3);
  const doc = new Y.Doc();
  for (const update of one.sent) Y.applyUpdate(doc, update);
  const text = doc.getText('text');
  text.insert(6, ' end');
  text.insert(0, 'start ');
  one.body.receive(Y.encodeStateAsUpdate(doc));
  expect(one.area.value).toBe('start middle end');
  expect(one.area.selectionStart).toBe(9);
});

test('a deletion around the caret puts it at the gap', () => {
  expect(movedBy([{ retain: 2 }, { delete: 5 }], 4)).toBe(2);
  expect(movedBy([{ retain: 4 }, { insert: 'xx' }], 4)).toBe(4);
});

test('what comes in while a word is composed waits, and nothing of either is lost', () => {
  const one = open();
  one.area.type('湖');
  const two = open(mergeUpdates(one.sent));
  one.area.dispatchEvent(new Event('compositionstart'));
  one.area.type('湖xi');
  two.area.type('大湖', 1);
  for (const update of two.sent) one.body.receive(update);
  expect(one.area.value).toBe('湖xi');
  one.area.value = '湖西';
  one.area.dispatchEvent(new Event('compositionend'));
  expect(one.area.value).toBe('大湖西');
  expect(one.body.value).toBe('大湖西');
});

test('an update that was heard already changes nothing', () => {
  const one = open();
  one.area.type('once');
  one.body.receive(one.sent[0]!);
  expect(one.body.value).toBe('once');
});
