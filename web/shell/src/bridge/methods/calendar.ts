import type { EventReport } from '../../../../sdk/src/protocol.ts';
import { blob, handle, text } from '../shapes.ts';
import { fetchFile } from './fetching.ts';
import type { Method } from './index.ts';
import { sendFile } from './sending.ts';

const allowed: Method['allowed'] = (may) => may.has('calendar');

/** Files of iCalendar, and who can be invited; events themselves are records. */
export const calendarMethods: Record<string, Method> = {
  'calendar.import': {
    allowed,
    run: (turn, params) => {
      const id = handle(params, 'import');
      return sendFile<EventReport>(turn.deps.api, '/calendar/import', blob(params, 'file'), (sent, size) =>
        turn.emit('import', { import: id, sent, size }),
      );
    },
  },
  'calendar.export': {
    allowed,
    run: ({ deps }) => fetchFile(deps.api, '/calendar/export'),
  },
  'calendar.guest': {
    allowed,
    run: ({ deps }, params) =>
      deps.api.get(`/calendar/guests/${encodeURIComponent(text(params, 'name', 200))}`),
  },
};
