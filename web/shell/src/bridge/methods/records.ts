import { BridgeError } from '../../../../sdk/src/protocol.ts';
import { collection, fields, handle, recordId } from '../shapes.ts';
import type { Method, Turn } from './index.ts';

const HANDLES = 64;

const reads: Method['allowed'] = (may, params) => may.covers(collection(params), false);
const writes: Method['allowed'] = (may, params) => may.covers(collection(params), true);

export const recordsMethods: Record<string, Method> = {
  'records.get': {
    allowed: reads,
    run: ({ deps }, params) => deps.sync.get(collection(params), recordId(params)),
  },
  'records.query': {
    allowed: reads,
    run: ({ deps }, params) => deps.sync.query(collection(params)),
  },
  'records.put': {
    allowed: writes,
    run: ({ deps }, params) => deps.sync.put(collection(params), recordId(params), fields(params)),
  },
  'records.delete': {
    allowed: writes,
    run: ({ deps }, params) => deps.sync.delete(collection(params), recordId(params)),
  },
  'records.subscribe': {
    allowed: reads,
    run: (turn, params) => {
      const watch = handle(params, 'watch');
      hold(
        turn,
        `watch:${watch}`,
        turn.deps.sync.subscribe(collection(params), (ids) => turn.emit('records', { watch, ids })),
      );
    },
  },
  'records.unsubscribe': {
    allowed: () => true,
    run: (turn, params) => release(turn, `watch:${handle(params, 'watch')}`),
  },
};

/** Keeps an open thing until the app lets go or its frame is closed. */
export function hold(turn: Turn, name: string, close: () => void): void {
  if (turn.handles.has(name) || turn.handles.size >= HANDLES) {
    close();
    throw new BridgeError('too-many', 'The app holds too many things open.');
  }
  turn.handles.set(name, close);
}

export function release(turn: Turn, name: string): void {
  turn.handles.get(name)?.();
  turn.handles.delete(name);
}
