/** What the status bar says of the mobile network. Pure. */

import type { Modem, Telephony } from '../handset/states.ts';

export interface Reception {
  /** 0 to 4; undefined where no bars are to be seen: no card, or one that is locked. */
  bars: number | undefined;
  /** An operator's name, or a key of the catalogue in `said`. */
  operator: string;
  said: '' | 'status.no-service' | 'status.emergency-only' | 'status.no-sim' | 'status.sim-locked';
  roaming: boolean;
  /** As it is written: `5G`. */
  technology: string;
}

const SERVED = ['home', 'roaming', 'home-sms', 'roaming-sms'];
const NOTHING = { bars: undefined, operator: '', roaming: false, technology: '' };

/** One for each modem that has to say something; of modems without a card, one alone. */
export function receptions({ airplane, modems }: Telephony): Reception[] {
  if (airplane) return [];
  const all = modems.filter(({ calls, card, lock }) => calls || card || lock).map(receptionOf);
  const carded = all.filter(({ said }) => said !== 'status.no-sim');
  return (carded.length > 0 ? carded : all).slice(0, carded.length > 0 ? 2 : 1);
}

function receptionOf(modem: Modem): Reception {
  if (modem.lock === 'sim-pin' || modem.lock === 'sim-puk') return { ...NOTHING, said: 'status.sim-locked' };
  const { registration, operator, technology, roaming, card } = modem;
  const bars = barsOf(modem.signal);
  if (SERVED.includes(registration))
    return {
      bars,
      operator: operator || modem.label,
      said: '',
      roaming,
      technology: technology.toUpperCase(),
    };
  if (registration === 'emergency') return { ...NOTHING, bars, said: 'status.emergency-only' };
  if (!card) return { ...NOTHING, said: 'status.no-sim' };
  return { ...NOTHING, bars: 0, said: 'status.no-service' };
}

export function barsOf(signal: number): number {
  return signal <= 0 ? 0 : Math.min(4, Math.ceil(signal / 25));
}

/** Which glyph shows how strong a Wi-Fi is. */
export function wifiGlyph(strength: number): 'wifi' | 'wifi-high' | 'wifi-low' {
  return strength > 66 ? 'wifi' : strength > 33 ? 'wifi-high' : 'wifi-low';
}
