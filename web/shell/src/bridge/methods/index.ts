/** All methods of the bridge, version 1. Each says what it needs; a method without a line does not exist. */

import type { Events } from '../../../../sdk/src/protocol.ts';
import type { App, ShellDeps } from '../../deps.ts';
import type { Permissions } from '../permissions.ts';
import type { Params } from '../shapes.ts';
import { appsMethods } from './apps.ts';
import { calendarMethods } from './calendar.ts';
import { callsMethods } from './calls.ts';
import { contactsMethods } from './contacts.ts';
import { filesMethods } from './files.ts';
import { linksMethods } from './links.ts';
import { messagesMethods } from './messages.ts';
import { phoneMethods } from './phone.ts';
import { recordsMethods } from './records.ts';
import { telephonyMethods } from './telephony.ts';
import { textMethods } from './text.ts';
import { vaultMethods } from './vault.ts';

/** What a method may use. `cleanup` runs when the app's frame is closed. */
export interface Turn {
  app: App;
  deps: ShellDeps;
  may: Permissions;
  emit<Name extends keyof Events>(event: Name, data: Events[Name]): void;
  cleanup(action: () => void): void;
  /** Refused while more than a bounded number of handles is open. */
  handles: Map<string, () => void>;
  backDone(step: number, taken: boolean): void;
  leaveDone(): void;
}

export interface Method {
  /** True when the app may call it so; asked before anything else is done. */
  allowed(may: Permissions, params: Params): boolean;
  run(turn: Turn, params: Params): unknown;
}

export const methods: ReadonlyMap<string, Method> = new Map(
  Object.entries({
    ...phoneMethods,
    ...recordsMethods,
    ...textMethods,
    ...filesMethods,
    ...vaultMethods,
    ...messagesMethods,
    ...contactsMethods,
    ...calendarMethods,
    ...linksMethods,
    ...telephonyMethods,
    ...callsMethods,
    ...appsMethods,
  }),
);
