/** Wi-Fi and Bluetooth of the handset: what they are like now, and what they are asked to do. */

import { Store } from '../store.ts';
import { isObject, objects, text, within } from './reading.ts';

export type Security = 'open' | 'wpa' | 'wpa3' | 'wep' | 'enterprise';

export interface WifiNetwork {
  /** The bytes of its name, in hexadecimal: two names may read alike. */
  id: string;
  name: string;
  strength: number;
  security: Security;
  known: boolean;
  active: boolean;
}

export interface Wifi {
  enabled: boolean;
  /** By a switch of the device itself. */
  blocked: boolean;
  connected: boolean;
  connecting: boolean;
  /** Of the network that it is in, or joins. */
  name: string;
  strength: number;
  /** The name of the network that this phone makes; "" for none. */
  hotspot: string;
  networks: readonly WifiNetwork[];
  known: readonly { id: string; name: string }[];
}

export interface BluetoothDevice {
  id: string;
  name: string;
  /** A name of the freedesktop.org Icon Naming Specification. */
  icon: string;
  paired: boolean;
  connected: boolean;
  /** In percent; undefined where it does not say. */
  battery: number | undefined;
}

export interface Bluetooth {
  powered: boolean;
  searching: boolean;
  devices: readonly BluetoothDevice[];
}

const SECURITIES: readonly Security[] = ['open', 'wpa', 'wpa3', 'wep'];
const MOST = 200;

/** Pure; undefined where there is none. */
export function wifiOf(network: unknown): Wifi | undefined {
  const wifi = isObject(network) && network.present === true ? network.wifi : undefined;
  if (!isObject(wifi)) return undefined;
  const networks = objects(wifi.networks, MOST).map((one) => ({
    id: text(one.id),
    name: text(one.name),
    strength: within(one.strength, 100),
    // What is not known cannot be joined from here.
    security: SECURITIES.find((known) => known === one.security) ?? 'enterprise',
    known: one.known === true,
    active: one.active === true,
  }));
  return {
    enabled: wifi.enabled === true,
    blocked: wifi.blocked === true,
    connected: wifi.status === 'connected',
    connecting: wifi.status === 'connecting',
    name: text(wifi.active),
    strength: networks.find(({ active }) => active)?.strength ?? 0,
    hotspot: text(wifi.hotspot),
    networks,
    known: objects(wifi.known, MOST).map((one) => ({ id: text(one.id), name: text(one.name) })),
  };
}

/** Pure; undefined where there is none. */
export function bluetoothOf(bluetooth: unknown): Bluetooth | undefined {
  if (!isObject(bluetooth) || bluetooth.present !== true) return undefined;
  return {
    powered: bluetooth.powered === true,
    searching: bluetooth.searching === true,
    devices: objects(bluetooth.devices, MOST).map((one) => ({
      id: text(one.id),
      name: text(one.name),
      icon: text(one.icon),
      paired: one.paired === true,
      connected: one.connected === true,
      battery: typeof one.battery === 'number' ? within(one.battery, 100) : undefined,
    })),
  };
}

/** The bytes of a name that was typed, as the daemon has them. */
export function idOf(name: string): string {
  return [...new TextEncoder().encode(name)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

type Ask = (of: string, method: string, params?: object) => Promise<unknown>;

/** Each way rejects with a `Problem` of the daemon's; a join ends when the network is joined, or is not. */
export class Radios {
  readonly wifi = new Store<Wifi | undefined>(undefined);
  readonly bluetooth = new Store<Bluetooth | undefined>(undefined);

  constructor(private readonly ask: Ask) {}

  see(changed: Readonly<Record<string, unknown>>): void {
    if ('network' in changed) this.wifi.set(wifiOf(changed.network));
    if ('bluetooth' in changed) this.bluetooth.set(bluetoothOf(changed.bluetooth));
  }

  lose(): void {
    this.wifi.set(undefined);
    this.bluetooth.set(undefined);
  }

  async switchWifi(on: boolean): Promise<void> {
    await this.ask('network', 'wifi', { on });
  }

  /** What is found is in `wifi` in its time. */
  async scan(): Promise<void> {
    await this.ask('network', 'scan');
  }

  /** Without a password as it was joined before. */
  async join(wish: { id: string; password?: string; hidden?: boolean }): Promise<void> {
    await this.ask('network', 'join', wish);
  }

  async forget(id: string): Promise<void> {
    await this.ask('network', 'forget', { id });
  }

  async startHotspot(name: string, password: string): Promise<void> {
    await this.ask('network', 'hotspot', { name, password });
  }

  async stopHotspot(): Promise<void> {
    await this.ask('network', 'hotspot-stop');
  }

  async switchBluetooth(on: boolean): Promise<void> {
    await this.ask('bluetooth', 'power', { on });
  }

  /** Costs power: to be ended when nobody looks any more. */
  async search(on: boolean): Promise<void> {
    await this.ask('bluetooth', 'search', { on });
  }

  async withDevice(id: string, act: 'pair' | 'connect' | 'disconnect' | 'remove'): Promise<void> {
    await this.ask('bluetooth', act, { id });
  }
}
