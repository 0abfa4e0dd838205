import type { Fields } from '../../../../kit/src/sync/types.ts';
import { fields, recordId, recordIds } from '../shapes.ts';
import type { Method } from './index.ts';

const CALLS = 'messages.call';
/** All calls of many years may be meant at once. */
const CHOSEN = 200_000;
const allowed: Method['allowed'] = (may) => may.covers(CALLS, true);

/** Many calls of the list at once, in one change. */
export const callsMethods: Record<string, Method> = {
  'calls.delete': {
    allowed,
    run: async ({ deps }, params) => {
      const chosen = new Set(recordIds(params, 'calls', CHOSEN));
      const records = await deps.sync.query(CALLS, ({ id }) => chosen.has(id));
      await deps.sync.change({ [CALLS]: new Map(records.map(({ id }) => [id, null])) });
      return Object.fromEntries(records.map(({ id, fields }) => [id, fields]));
    },
  },
  'calls.restore': {
    allowed,
    run: async ({ deps }, params) => {
      const back = Object.entries(fields({ fields: params.calls })).map(([id, value]): [string, Fields] => [
        recordId({ id }),
        fields({ fields: value }),
      ]);
      await deps.sync.change({ [CALLS]: new Map(back) });
    },
  },
};
