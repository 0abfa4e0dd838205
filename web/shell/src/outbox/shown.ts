/** How a letter is shown, among the messages. Pure. */

import type { Fields } from '../../../kit/src/sync/types.ts';
import type { Standing } from './card.ts';
import type { Letter } from './kept.ts';

/** `sending` is on its way to the cloud, or known to it and not told yet; of one that was `handed` it is what the
 * daemon says. */
export interface Shown extends Omit<Letter, 'state'> {
  state: Letter['state'] | 'sending' | (string & {});
}

/** One that this handset has, as its daemon says it; before it says anything it is being sent. */
export function handedOf(letter: Letter, standing: Standing | undefined): Shown {
  const { state, error } = standing ?? { state: 'sending', error: '' };
  return { ...letter, state, code: error || (state === 'failed' ? 'failed' : '') };
}

/** A letter with the fields of a message. */
export function messageOf({ made_ms, files, people, code, asleep, ...letter }: Shown): Fields {
  const fields: Fields = {
    address: people[0] ?? '',
    thread: letter.thread,
    contact: letter.contact,
    body: letter.body,
    state: letter.state,
    date_ms: made_ms,
    direction: 'out',
    read: true,
  };
  if (people.length > 1) fields.people = people;
  if (files.length > 0)
    fields.parts = files.map(({ blob, name }) => ({
      type: blob.type || 'image/jpeg',
      size: blob.size,
      name,
      object: 'here',
    }));
  if (asleep) fields.asleep = true;
  return code ? { ...fields, error: code, detail: letter.detail } : fields;
}
