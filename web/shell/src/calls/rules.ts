/** Which calls are shown how, and which numbers are always dialled. Pure. */

export { isEmergency } from '../../../kit/src/calls/emergency.ts';

import type { HandsetCall, SoundPort, Telephony } from '../handset/states.ts';

/** Somebody waits for an answer. */
export function isRinging({ state }: HandsetCall): boolean {
  return state === 'ringing-in' || state === 'waiting';
}

/** What the screen is about: who rings first, then the call that is spoken in, then one that is held. */
export interface Shown {
  ringing: HandsetCall | undefined;
  current: HandsetCall | undefined;
  /** The one that waits while `current` is spoken in. */
  other: HandsetCall | undefined;
}

const KINDS = ['handset', 'speaker', 'headset', 'headphone'] as const;
export type OutputKind = (typeof KINDS)[number];
const ORDER = ['active', 'dialing', 'ringing-out', 'held'];

export function shownOf(calls: readonly HandsetCall[]): Shown {
  const ringing = calls.find(isRinging);
  const [current, other] = calls
    .filter((call) => !isRinging(call))
    .sort((one, two) => ORDER.indexOf(one.state) - ORDER.indexOf(two.state) || one.began - two.began);
  return { ringing, current, other };
}

/** The output that one press leads to, of several: earpiece, speaker, headset, and round again. */
export function nextOutput(outputs: readonly SoundPort[], now: string): SoundPort | undefined {
  if (outputs.length < 2) return undefined;
  return outputs[(outputs.findIndex(({ id }) => id === now) + 1) % outputs.length];
}

/** What an output is by the form factor of its device; '' where another one is the same, or it is none that has a word. */
export function outputKind(outputs: readonly SoundPort[], now: string): OutputKind | '' {
  const kind = outputs.find(({ id }) => id === now)?.kind;
  const known = KINDS.find((one) => one === kind);
  return known && outputs.filter((one) => one.kind === known).length === 1 ? known : '';
}

/** As `3:07` or `1:00:09`. */
export function timerText(ms: number): string {
  const whole = Math.max(0, Math.floor(ms / 1000));
  const [hours, minutes, seconds] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (part: number) => String(part).padStart(2, '0');
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds)}` : `${minutes}:${two(seconds)}`;
}

/** Whether an emergency call has a way: a modem that calls, with or without a card. */
export function canCall(telephony: Telephony | undefined): boolean {
  return telephony?.modems.some(({ calls }) => calls) ?? false;
}

/** A card that is to be opened: the first that is locked, and that nobody put off. */
export function lockedModem(telephony: Telephony | undefined, putOff: ReadonlySet<string>) {
  return telephony?.modems.find(
    ({ id, lock }) => (lock === 'sim-pin' || lock === 'sim-puk') && !putOff.has(`${id} ${lock}`),
  );
}
