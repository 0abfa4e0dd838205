import type { PhoneKey } from '../../../../sdk/src/keys.ts';
import { flag, handle, oneOf } from '../shapes.ts';
import type { Method } from './index.ts';

const KEYS: readonly PhoneKey[] = ['Escape', 'F4', 'Home'];

/** Open to every app. */
export const phoneMethods: Record<string, Method> = {
  'back.done': {
    allowed: () => true,
    run: (turn, params) => turn.backDone(handle(params, 'step'), flag(params, 'taken')),
  },
  // The browser gives a frame its keys alone; the shell takes them from the app in front only.
  key: {
    allowed: () => true,
    run: ({ app, deps }, params) => deps.press(app.id, oneOf(params, 'key', KEYS)),
  },
  front: {
    allowed: () => true,
    run: ({ app, deps }) => deps.front() === app.id,
  },
  'leave.done': {
    allowed: () => true,
    run: (turn) => turn.leaveDone(),
  },
  status: {
    allowed: () => true,
    run: ({ deps }) => {
      const { unsafe, online } = deps.sync.status();
      return { unsafe, online };
    },
  },
};
