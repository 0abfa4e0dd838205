import type { SyncText } from '../../../../kit/src/sync/types.ts';
import { BridgeError } from '../../../../sdk/src/protocol.ts';
import { bytes, collection, handle, recordId, text } from '../shapes.ts';
import type { Method, Turn } from './index.ts';
import { hold, release } from './records.ts';

const open = new WeakMap<Turn, Map<number, SyncText>>();

/** Opening needs the right to write: a text that is open can be changed. */
export const textMethods: Record<string, Method> = {
  'text.open': {
    allowed: (may, params) => may.covers(collection(params), true),
    run: async (turn, params) => {
      const id = handle(params, 'text');
      const shared = turn.deps.sync.text(collection(params), recordId(params), text(params, 'field', 100));
      const texts = open.get(turn) ?? new Map<number, SyncText>();
      open.set(turn, texts);
      const off = shared.onUpdate((update) => turn.emit('text', { text: id, update }));
      hold(turn, `text:${id}`, () => {
        off();
        texts.delete(id);
      });
      texts.set(id, shared);
      return shared.state();
    },
  },
  'text.update': {
    allowed: () => true,
    run: (turn, params) => {
      const shared = open.get(turn)?.get(handle(params, 'text'));
      if (!shared) throw new BridgeError('not-open', 'The text is not open.');
      return shared.update(bytes(params, 'update'));
    },
  },
  'text.close': {
    allowed: () => true,
    run: (turn, params) => release(turn, `text:${handle(params, 'text')}`),
  },
};
