import { BridgeError } from '../../../../sdk/src/protocol.ts';
import { bad, type Params, text } from '../shapes.ts';
import type { Method } from './index.ts';

const URL_LENGTH = 2000;
const ADDRESS_LENGTH = 100;
const NAME_LENGTH = 200;

export const linksMethods: Record<string, Method> = {
  // The line is written and sent in Messages: the app learns nothing of it.
  'link.message': {
    allowed: (may) => may.has('links'),
    run: ({ app, deps }, params) => {
      const [address, name] = [text(params, 'address', ADDRESS_LENGTH), text(params, 'name', NAME_LENGTH)];
      if (deps.front() !== app.id)
        throw new BridgeError('not-in-front', 'Only the app in front may do this.');
      deps.openApp('messages', { view: 'write', address, name });
    },
  },
  'link.open': {
    allowed: (may) => may.has('links'),
    run: ({ app, deps }, params) => {
      if (!deps.openLink(app.id, addressOf(params)))
        throw new BridgeError('not-pressed', 'An address opens by a press in the app in front.');
    },
  },
};

/** Of a page on the web; a name before the host would show another place than the one that it leads to. */
function addressOf(params: Params): string {
  const address = text(params, 'url', URL_LENGTH);
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password)
    throw bad('url is an address with http or https');
  return url.href;
}
