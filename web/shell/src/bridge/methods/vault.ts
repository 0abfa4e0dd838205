import { fileName } from '../names.ts';
import { blob, handle, recordId, text } from '../shapes.ts';
import { expiry, steered } from './files.ts';
import type { Method } from './index.ts';

const allowed: Method['allowed'] = (may) => may.has('vault');

/** The key stays in the shell: an app that was granted this gets what it opens, and the codes that its owner types. */
export const vaultMethods: Record<string, Method> = {
  'vault.state': { allowed, run: ({ deps }) => deps.vault.state() },
  'vault.begin': { allowed, run: ({ deps }) => deps.vault.begin() },
  'vault.confirm': { allowed, run: ({ deps }, params) => deps.vault.confirm(text(params, 'end', 20)) },
  'vault.recover': { allowed, run: ({ deps }, params) => deps.vault.recover(text(params, 'code', 100)) },
  'vault.ask': { allowed, run: ({ deps }) => deps.vault.ask() },
  'vault.askNoMore': { allowed, run: ({ deps }) => deps.vault.askNoMore() },
  'vault.admit': {
    allowed,
    run: ({ deps }, params) => deps.vault.admit(text(params, 'device', 200), text(params, 'code', 100)),
  },
  'vault.deny': { allowed, run: ({ deps }, params) => deps.vault.deny(text(params, 'device', 200)) },
  'vault.close': { allowed, run: ({ deps }) => deps.vault.close() },
  'vault.list': { allowed, run: ({ deps }) => deps.vault.list() },
  'vault.trash': { allowed, run: ({ deps }) => deps.vault.trash() },
  'vault.upload': {
    allowed,
    run: (turn, params) => {
      const file = blob(params, 'file');
      const wish = {
        name: fileName(text(params, 'name')),
        type: file.type || 'application/octet-stream',
        parent: text(params, 'parent', 200),
        replaces: text(params, 'replaces', 200),
      };
      return steered(turn, handle(params, 'upload'), (show) => turn.deps.vault.upload(file, wish, show));
    },
  },
  'vault.number': { allowed, run: ({ deps }) => deps.vault.number() },
  'vault.share': {
    allowed,
    run: ({ deps }, params) => {
      const [account, number] = [text(params, 'account', 200), text(params, 'number', 100)];
      return deps.vault.share(recordId(params), account, number, expiry(params));
    },
  },
  'vault.given': { allowed, run: ({ deps }) => deps.vault.given() },
  'vault.givenContent': {
    allowed,
    run: ({ deps }, params) => deps.vault.givenContent(text(params, 'share', 200)),
  },
  'vault.download': { allowed, run: ({ deps }, params) => deps.vault.download(recordId(params)) },
  'vault.versions': { allowed, run: ({ deps }, params) => deps.vault.versions(recordId(params)) },
  'vault.version': {
    allowed,
    run: ({ deps }, params) => deps.vault.version(recordId(params), text(params, 'version', 200)),
  },
  'vault.folder': {
    allowed,
    run: ({ deps }, params) => deps.vault.folder(fileName(text(params, 'name')), text(params, 'parent', 200)),
  },
  'vault.rename': {
    allowed,
    run: ({ deps }, params) => deps.vault.rename(recordId(params), fileName(text(params, 'name'))),
  },
};
