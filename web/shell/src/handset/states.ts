/** What the handset's daemon says of itself, as the shell shows it. What has another shape counts as not there. Pure. */

import { isObject, objects, text, within } from './reading.ts';

export type CallState = 'dialing' | 'ringing-out' | 'ringing-in' | 'waiting' | 'active' | 'held';

export interface HandsetCall {
  id: string;
  /** "" where it is withheld. */
  number: string;
  card: string;
  incoming: boolean;
  state: CallState;
  /** In milliseconds since 1970; `answered` 0 where nobody did yet. */
  began: number;
  answered: number;
}

export interface Modem {
  id: string;
  /** "", or what it wants before it can be used: `sim-pin`, `sim-puk`, … */
  lock: string;
  /** How often a code can be tried yet, by lock. */
  tries: Readonly<Record<string, number>>;
  card: string;
  label: string;
  number: string;
  operator: string;
  registration: string;
  roaming: boolean;
  signal: number;
  technology: string;
  calls: boolean;
  messages: boolean;
}

export interface Telephony {
  airplane: boolean;
  /** What it tells of messages that come; "" where it does not say. */
  shows: string;
  /** The disk took the last message not: it waits in the modem. */
  full: boolean;
  /** What this handset sent by itself and the account does not have yet, by id. */
  letters: ReadonlyMap<string, { state: string; error: string }>;
  modems: readonly Modem[];
  calls: readonly HandsetCall[];
  /** Emergency numbers, those of the cards among them. */
  emergency: readonly string[];
}

export interface Battery {
  percentage: number;
  charging: boolean;
  low: boolean;
}

/** A packet connection of the modem's; `why` it is of no use, "" where it is, or was not tried. */
export interface Bearer {
  apn: string;
  connected: boolean;
  why: '' | 'access-point' | 'no-carrier' | 'refused' | 'no-ppp';
}

/** Mobile data, as the owner wants it for the card that is in; an empty `apn` is the operator's own. */
export interface Mobile {
  enabled: boolean;
  connected: boolean;
  roaming: boolean;
  abroad: boolean;
  apn: string;
  user: string;
  ip: 'ipv4' | 'ipv6' | 'ipv4v6';
  bearers: readonly Bearer[];
}

/** An output or input for sound. */
export interface SoundPort {
  id: string;
  name: string;
  /** The form factor of its device, as PipeWire has it, or ''. */
  kind: string;
  active: boolean;
  muted: boolean;
  /** In percent, as people hear it. */
  volume: number;
}

/** Of the call that is spoken in, or that is held: whether the others hear nothing, and the output it comes out of. */
export interface SoundOfCall {
  id: string;
  muted: boolean;
  output: string;
}

export interface Sound {
  outputs: readonly SoundPort[];
  inputs: readonly SoundPort[];
  call: SoundOfCall | undefined;
}

const STATES: readonly CallState[] = ['dialing', 'ringing-out', 'ringing-in', 'waiting', 'active', 'held'];
const WHYS: readonly Bearer['why'][] = ['access-point', 'no-carrier', 'refused', 'no-ppp'];
const FAMILIES: readonly Mobile['ip'][] = ['ipv4', 'ipv6'];
const MOST_MODEMS = 4;
const MOST_EMERGENCIES = 100;
const MOST_CALLS = 8;
const MOST_LETTERS = 500;
const MOST_PORTS = 12;
const MOST_BEARERS = 8;

export function telephonyOf(state: unknown): Telephony | undefined {
  if (!isObject(state) || state.present !== true) return undefined;
  return {
    airplane: state.airplane === true,
    shows: text(state.shows),
    full: state.storage_full === true,
    letters: new Map(
      objects(state.letters, MOST_LETTERS).map((one) => [
        text(one.id),
        { state: text(one.state), error: text(one.error) },
      ]),
    ),
    modems: objects(state.modems, MOST_MODEMS).map(modemOf),
    calls: objects(state.calls, MOST_CALLS).flatMap(callOf),
    emergency: Array.isArray(state.emergency)
      ? state.emergency.slice(0, MOST_EMERGENCIES).map(text).filter(Boolean)
      : [],
  };
}

export function batteryOf(power: unknown): Battery | undefined {
  const battery = isObject(power) && power.present === true ? power.battery : undefined;
  if (!isObject(battery)) return undefined;
  return {
    percentage: Math.round(within(battery.percentage, 100)),
    charging: battery.status === 'charging' || battery.status === 'full',
    low: battery.warning === 'low' || battery.warning === 'critical',
  };
}

/** Of the screen, in percent; undefined where it cannot be set. */
/** Whether the device can be woken at a moment. */
export function canWake(power: unknown): boolean {
  return isObject(power) && power.present === true && Array.isArray(power.can) && power.can.includes('wake');
}

export function brightnessOf(power: unknown): number | undefined {
  const found = isObject(power) && power.present === true ? power.brightness : undefined;
  return typeof found === 'number' ? Math.round(within(found, 100)) : undefined;
}

export function mobileOf(network: unknown): Mobile | undefined {
  const mobile = isObject(network) && network.present === true ? network.mobile : undefined;
  if (!isObject(mobile)) return undefined;
  return {
    enabled: mobile.enabled === true,
    connected: mobile.connected === true,
    roaming: mobile.roaming === true,
    abroad: mobile.abroad === true,
    apn: text(mobile.apn),
    user: text(mobile.user),
    ip: FAMILIES.find((one) => one === mobile.ip) ?? 'ipv4v6',
    bearers: objects(mobile.bearers, MOST_BEARERS).map((bearer) => ({
      apn: text(bearer.apn),
      connected: bearer.connected === true,
      why: WHYS.find((one) => one === bearer.why) ?? '',
    })),
  };
}

export function soundOf(audio: unknown): Sound | undefined {
  if (!isObject(audio) || audio.present !== true) return undefined;
  const { call } = audio;
  const id = isObject(call) ? text(call.id) : '';
  return {
    outputs: portsOf(audio.outputs),
    inputs: portsOf(audio.inputs),
    call: isObject(call) && id ? { id, muted: call.muted === true, output: text(call.output) } : undefined,
  };
}

function portsOf(list: unknown): SoundPort[] {
  return objects(list, MOST_PORTS).flatMap((port) => {
    const id = text(port.id);
    return id
      ? [
          {
            id,
            name: text(port.name),
            kind: text(port.kind),
            active: port.active === true,
            muted: port.muted === true,
            volume: within(port.volume, 100),
          },
        ]
      : [];
  });
}

function modemOf(modem: Record<string, unknown>): Modem {
  const tries: Record<string, number> = {};
  if (isObject(modem.tries))
    for (const [lock, left] of Object.entries(modem.tries).slice(0, 20))
      if (Number.isSafeInteger(left)) tries[lock] = left as number;
  return {
    id: text(modem.id),
    lock: text(modem.lock),
    tries,
    card: text(modem.card),
    label: text(modem.label),
    number: text(modem.number),
    operator: text(modem.operator),
    registration: text(modem.registration),
    roaming: modem.roaming === true,
    signal: within(modem.signal, 100),
    technology: text(modem.technology),
    calls: modem.calls === true,
    messages: modem.messages === true,
  };
}

function callOf(call: Record<string, unknown>): HandsetCall[] {
  const state = STATES.find((one) => one === call.state);
  if (!state || typeof call.id !== 'string' || !call.id) return [];
  return [
    {
      id: text(call.id),
      number: text(call.number),
      card: text(call.card),
      incoming: call.incoming === true,
      state,
      began: within(call.began_ms, Number.MAX_SAFE_INTEGER),
      answered: within(call.answered_ms, Number.MAX_SAFE_INTEGER),
    },
  ];
}
