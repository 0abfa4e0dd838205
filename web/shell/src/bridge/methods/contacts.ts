import type { CardReport, DuplicateGroup } from '../../../../sdk/src/protocol.ts';
import { blob, handle, oneOf, recordId, recordIds, text } from '../shapes.ts';
import { fetchFile } from './fetching.ts';
import type { Method } from './index.ts';
import { sendFile } from './sending.ts';

const MERGED_AT_ONCE = 20;
const allowed: Method['allowed'] = (may) => may.has('contacts');

/** What the records alone cannot do: files of vCards, and finding and merging contacts that may be one. */
export const contactsMethods: Record<string, Method> = {
  'contacts.import': {
    allowed,
    run: (turn, params) => {
      const id = handle(params, 'import');
      return sendFile<CardReport>(turn.deps.api, '/contacts/import', blob(params, 'file'), (sent, size) =>
        turn.emit('import', { import: id, sent, size }),
      );
    },
  },
  'contacts.export': {
    allowed,
    run: async ({ deps }, params) => {
      const version = oneOf(params, 'version', ['3.0', '4.0']);
      const one =
        params.contact === undefined ? '' : `&contact=${encodeURIComponent(recordId(params, 'contact'))}`;
      return fetchFile(deps.api, `/contacts/export?version=${version}${one}`);
    },
  },
  'contacts.duplicates': {
    allowed,
    run: async ({ deps }, params) => {
      const region =
        params.region === undefined ? '' : `?region=${encodeURIComponent(text(params, 'region', 2))}`;
      return (await deps.api.get<{ groups: DuplicateGroup[] }>(`/contacts/duplicates${region}`)).groups;
    },
  },
  'contacts.merge': {
    allowed,
    run: ({ deps }, params) =>
      deps.api.post('/contacts/merge', { contacts: recordIds(params, 'contacts', MERGED_AT_ONCE) }),
  },
  'contacts.unmerge': {
    allowed,
    run: ({ deps }, params) => deps.api.post(`/contacts/merges/${recordId(params, 'merge')}/undo`),
  },
};
