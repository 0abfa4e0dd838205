import { flag, handle } from '../shapes.ts';
import type { Method } from './index.ts';

/** Open to every app. */
export const phoneMethods: Record<string, Method> = {
  'back.done': {
    allowed: () => true,
    run: (turn, params) => turn.backDone(handle(params, 'step'), flag(params, 'taken')),
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
