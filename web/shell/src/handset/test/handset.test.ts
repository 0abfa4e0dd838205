import { expect, it, vi } from 'vitest';
import { Handset } from '../handset.ts';
import { wifiOf } from '../radios.ts';
import { batteryOf, brightnessOf, mobileOf, soundOf, telephonyOf } from '../states.ts';
import { World } from './line.ts';

const SESSION = { token: 'secret', account: 'mei-id', device: 'd', name: 'mei' };
const MODEM = { id: '/m/0', lock: 'sim-pin', tries: { 'sim-pin': 3, odd: 'x' }, card: '89', calls: true };
const CALL = {
  id: 'c1',
  number: '+491',
  card: '89',
  incoming: true,
  state: 'ringing-in',
  began_ms: 5,
  answered_ms: 0,
};
const PHONE = { present: true, airplane: false, modems: [MODEM], calls: [CALL] };
const NOBODY = { present: false, account: '', reached: false };

function handset() {
  const world = new World();
  const one = new Handset(
    { port: 1, token: 'a-token-of-the-test' },
    'http://cloud',
    world.connect,
    world.timers,
  );
  one.start();
  return { world, one };
}

it('connects to nothing where the page is on no handset', () => {
  const world = new World();
  const one = new Handset(undefined, 'http://cloud', world.connect, world.timers);
  one.start();
  one.signedIn(SESSION);
  expect(world.lines).toEqual([]);
  expect(one.telephony.value).toBeUndefined();
});

it('shows what the daemon tells, and nothing of a daemon that is gone', () => {
  const { world, one } = handset();
  const battery = { percentage: 83.4, status: 'charging', warning: 'none' };
  const wifi = {
    enabled: true,
    status: 'connected',
    active: 'Home',
    networks: [{ active: true, strength: 70 }],
  };
  world.up({
    telephony: PHONE,
    power: { present: true, battery, brightness: 40.6 },
    network: { present: true, wifi },
    account: NOBODY,
  });
  expect(one.telephony.value?.modems[0]).toMatchObject({ lock: 'sim-pin', tries: { 'sim-pin': 3 } });
  expect(one.telephony.value?.calls[0]).toMatchObject({ id: 'c1', state: 'ringing-in', began: 5 });
  expect(one.battery.value).toEqual({ percentage: 83, charging: true, low: false });
  expect(one.wifi.value).toMatchObject({ enabled: true, connected: true, name: 'Home', strength: 70 });
  expect(one.brightness.value).toBe(41);
  world.line.close();
  expect(one.battery.value).toBeDefined();
  world.pass();
  world.line.close();
  expect([one.telephony.value, one.battery.value, one.wifi.value]).toEqual([undefined, undefined, undefined]);
});

it('hands the daemon its session, and takes it back', async () => {
  const { world, one } = handset();
  one.signedIn(SESSION);
  world.up({ account: NOBODY });
  const given = { server: 'http://cloud', token: 'secret', account: 'mei-id' };
  expect(world.line.asked).toMatchObject([{ of: 'account', method: 'sign-in', params: given }]);
  world.line.say({ state: { account: { present: true, account: 'mei-id', reached: false } } });
  one.signedIn(undefined);
  expect(world.line.asked.at(-1)).toMatchObject({ of: 'account', method: 'sign-out' });
});

it('hands over again what a daemon missed or lost, and no more', async () => {
  const { world, one } = handset();
  one.signedIn(SESSION);
  const state = { account: { present: true, account: 'mei-id', reached: false } };
  world.up({ account: NOBODY });
  world.line.say({ id: 1, result: null });
  await Promise.resolve();
  world.line.say({ state });
  world.line.say({ state: { account: { ...state.account, reached: true } } });
  expect(world.line.asked).toHaveLength(1);
  world.line.close();
  one.signedIn({ ...SESSION, token: 'newer' }); // while nobody hears it
  world.pass();
  world.up(state);
  expect(world.line.asked).toMatchObject([{ method: 'sign-in', params: { token: 'newer' } }]);
});

it('hands over whom the account blocked once the daemon is its own, and again to one that began anew', async () => {
  const { world, one } = handset();
  const list = { of: 'telephony', method: 'block', params: { addresses: ['@anna', '10086'] } };
  one.signedIn(SESSION);
  one.block(['@anna', '10086']); // the daemon is not there yet
  world.up({ account: NOBODY });
  expect(world.line.asked).toMatchObject([{ method: 'sign-in' }]);
  world.line.say({ id: 1, result: null });
  await vi.waitFor(() => expect(world.line.asked.at(-1)).toMatchObject(list));
  one.block(['@anna']);
  expect(world.line.asked.at(-1)).toMatchObject({ params: { addresses: ['@anna'] } });
  world.line.close();
  one.block(['@anna', '10086']); // while nobody hears it
  world.pass();
  world.up({ account: NOBODY });
  world.line.say({ id: world.line.asked.at(-1)!.id, result: null });
  await vi.waitFor(() => expect(world.line.asked.at(-1)).toMatchObject(list));
  one.signedIn(undefined);
  one.signedIn(SESSION);
  expect(world.line.asked.at(-1)).toMatchObject({ method: 'sign-in' });
});

it('hands over as many of a long list as the gateway lets through, and again what was refused', async () => {
  const { world, one } = handset();
  one.signedIn(SESSION);
  world.up({ account: NOBODY });
  const names = Array.from({ length: 5000 }, (_, at) => `${at}${'\u4e2d'.repeat(150)}`);
  one.block(['', 'x'.repeat(321), ...names]);
  world.line.say({ id: 1, result: null });
  const lists = () => world.line.asked.filter(({ method }) => method === 'block');
  await vi.waitFor(() => expect(lists()).toHaveLength(1));
  const { id, params } = lists()[0] as { id: number; params: { addresses: string[] } };
  const size = new TextEncoder().encode(JSON.stringify(params)).length;
  expect(size).toBeLessThan(520 * 1024);
  expect(size).toBeGreaterThan(500 * 1024);
  expect(params.addresses).toEqual(names.slice(0, params.addresses.length));
  world.line.say({ id, error: { code: 'storage-full', detail: '' } });
  await vi.waitFor(() => expect(world.waits).toHaveLength(1));
  world.pass();
  expect(lists()).toHaveLength(2);
  expect(lists()[1]).toMatchObject({ params });
});

it('hands nobody the list of another account', async () => {
  const { world, one } = handset();
  one.signedIn(SESSION);
  one.block(['@anna']);
  one.signedIn(undefined); // while the daemon is away
  one.signedIn({ ...SESSION, token: 'another', account: 'bo-id' });
  world.up({ account: NOBODY });
  world.line.say({ id: 1, result: null });
  await new Promise((done) => setTimeout(done));
  expect(world.line.asked).toMatchObject([{ method: 'sign-in', params: { account: 'bo-id' } }]);
  one.block(['@cy']);
  expect(world.line.asked.at(-1)).toMatchObject({ method: 'block', params: { addresses: ['@cy'] } });
});

it('signs out a daemon that was left signed in, once it is known that nobody is here', () => {
  const { world, one } = handset();
  world.up({ account: { present: true, account: 'old', reached: false } });
  expect(world.line.asked).toEqual([]);
  one.signedIn(undefined);
  expect(world.line.asked).toMatchObject([{ of: 'account', method: 'sign-out' }]);
});

it('asks for what the phone wants, and switches all radios at once', () => {
  const { world, one } = handset();
  world.up({ telephony: PHONE, network: { present: true, wifi: { enabled: true } }, account: NOBODY });
  void one.dial('112');
  void one.airplane(true);
  expect(world.line.asked.map(({ of, method, params }) => [of, method, params])).toEqual([
    ['telephony', 'dial', { number: '112', card: '' }],
    ['network', 'airplane', { on: true }],
    ['telephony', 'airplane', { on: true }],
  ]);
});

it('says of the mobile network what is its own', async () => {
  const { world, one } = handset();
  world.up({ telephony: PHONE, account: NOBODY });
  const call = one.dial('1');
  world.line.say({ id: 1, error: { code: 'no-network', detail: 'x' } });
  await expect(call).rejects.toMatchObject({ code: 'modem-no-network' });
  const other = one.dial('1');
  world.line.say({ id: 2, error: { code: 'modem-busy', detail: 'x' } });
  await expect(other).rejects.toMatchObject({ code: 'modem-busy' });
});

it('takes what it does not know for what is not there', () => {
  expect(telephonyOf({ present: false, why: 'no-hardware' })).toBeUndefined();
  expect(telephonyOf('on')).toBeUndefined();
  const odd = telephonyOf({
    present: true,
    modems: [null, { signal: 400 }],
    calls: [{ ...CALL, state: 'new' }],
  });
  expect(odd?.modems.map(({ signal, lock }) => [signal, lock])).toEqual([[100, '']]);
  expect(odd?.calls).toEqual([]);
  expect(batteryOf({ present: true, battery: null })).toBeUndefined();
  expect(wifiOf({ present: false })).toBeUndefined();
  for (const power of [undefined, { present: false, brightness: 5 }, { present: true, brightness: null }])
    expect(brightnessOf(power)).toBeUndefined();
  expect(soundOf({ present: true, inputs: [{ id: '' }, { id: 'mic', muted: true }], outputs: 'x' })).toEqual({
    inputs: [{ id: 'mic', name: '', kind: '', active: false, muted: true, volume: 0 }],
    outputs: [],
    call: undefined,
  });
  expect(soundOf({ present: true, call: { id: 'c1', muted: 1, output: 'ear' } })?.call).toEqual({
    id: 'c1',
    muted: false,
    output: 'ear',
  });
  for (const call of [null, 'c1', { id: 7 }, {}])
    expect(soundOf({ present: true, call })?.call).toBeUndefined();
});

it('tells what of messages may be shown to whoever looks at it, and nothing before that is known', () => {
  const { world, one } = handset();
  const asked = () => world.line.asked.filter(({ method }) => method === 'shows').map(({ params }) => params);
  world.up({ telephony: { ...PHONE, shows: 'all' }, account: NOBODY });
  expect(asked()).toEqual([{ what: 'nothing' }]);
  one.show('who');
  expect(asked().at(-1)).toEqual({ what: 'who' });
});

it('shows mobile data of any shape, and asks for another access point', async () => {
  expect(mobileOf({ present: true, mobile: null })).toBeUndefined();
  expect(mobileOf({ present: false, mobile: {} })).toBeUndefined();
  const odd = { enabled: 1, ip: 'x25', apn: 7, bearers: [3, { apn: 'a', connected: true, why: 'sun' }] };
  expect(mobileOf({ present: true, mobile: odd })).toEqual({
    enabled: false,
    connected: false,
    roaming: false,
    abroad: false,
    apn: '',
    user: '',
    ip: 'ipv4v6',
    bearers: [{ apn: 'a', connected: true, why: '' }],
  });
  const { world, one } = handset();
  const why = 'access-point';
  world.up({ network: { present: true, mobile: { enabled: true, ip: 'ipv6', bearers: [{ why }] } } });
  expect(one.mobile.value).toMatchObject({ enabled: true, ip: 'ipv6', bearers: [{ why }] });
  const wish = { name: 'cmnet', user: '', password: null, ip: 'ipv4' as const };
  const asked = [one.chooseApn(wish), one.switchRoaming(true), one.switchMobileData(false)];
  expect(world.line.asked.map(({ of, method, params }) => [of, method, params])).toEqual([
    ['network', 'apn', wish],
    ['network', 'roaming', { on: true }],
    ['network', 'mobile-data', { on: false }],
  ]);
  world.line.close();
  expect((await Promise.allSettled(asked)).map(({ status }) => status)).toEqual(Array(3).fill('rejected'));
  world.pass();
  world.line.close();
  expect(one.mobile.value).toBeUndefined();
});

it('tells a device that can wake when to, once, and again to a daemon that began anew', () => {
  const { world, one } = handset();
  one.alarm.set(5000);
  world.up({ power: { present: true, can: ['suspend'] } });
  expect(world.line.asked).toEqual([]);
  const power = { present: true, can: ['wake'] };
  world.line.say({ state: { power } });
  world.line.say({ state: { power: { ...power, on_battery: true } } });
  const wish = (at: number | null) => ({ of: 'power', method: 'wake', params: { at } });
  expect(world.line.asked).toMatchObject([wish(5000)]);
  one.alarm.set(null);
  one.alarm.set(9000);
  expect(world.line.asked).toMatchObject([wish(5000), wish(null), wish(9000)]);
  world.line.close();
  world.pass();
  world.line.close(); // it is away for longer than a moment
  world.pass();
  world.up({ power });
  expect(world.line.asked).toMatchObject([wish(9000)]);
  const woke = vi.fn();
  one.onWoke = woke;
  world.line.say({ event: { of: 'power', name: 'woke', data: {} } });
  expect(woke).toHaveBeenCalledOnce();
});
