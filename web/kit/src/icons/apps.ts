/** Our own app icons, as full squares; `<pl-app-icon>` puts the superellipse over them. */

import calendar from './apps/calendar.svg?raw';
import contacts from './apps/contacts.svg?raw';
import files from './apps/files.svg?raw';
import messages from './apps/messages.svg?raw';
import notes from './apps/notes.svg?raw';
import phone from './apps/phone.svg?raw';
import pileus from './apps/pileus.svg?raw';
import settings from './apps/settings.svg?raw';
import store from './apps/store.svg?raw';

const icons: Readonly<Record<string, string>> = {
  calendar,
  contacts,
  files,
  messages,
  notes,
  phone,
  pileus,
  settings,
  store,
};

/** The SVG of a built-in app, or undefined for any other. */
export function appIcon(id: string): string | undefined {
  return icons[id];
}

/** The deeper colour of a built-in icon's gradient: the ground of the app's start screen. */
export function iconColour(id: string): string | undefined {
  return icons[id]?.match(/stop-color="(#[0-9a-f]{6})"\/><\/linearGradient>/)?.[1];
}
