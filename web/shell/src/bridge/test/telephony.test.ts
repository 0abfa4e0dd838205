import { afterEach, beforeEach, expect, it } from 'vitest';
import { appWith, World } from './world.ts';

const MODEM = { id: '/m/0', lock: '', card: '8986', label: 'CMCC', number: '+8613', calls: true, signal: 40 };
const state = (...modems: object[]) => ({ telephony: { present: true, airplane: false, modems, calls: [] } });
let world: World;
beforeEach(() => {
  world = new World();
  world.handset.start();
});
afterEach(() => world.close());

const open = (permissions: string[] = ['telephony']) => world.open(appWith(permissions));

it('tells what an app that calls has to know, and only where that is new', async () => {
  const { phone, port } = open();
  const heard: unknown[] = [];
  phone.telephony.onState((one) => heard.push(one));
  await port.call('status');
  world.wires.up(state(MODEM));
  world.wires.line.say({ state: state({ ...MODEM, signal: 80 }) });
  world.wires.line.say({ state: state(MODEM, { ...MODEM, card: '9', lock: 'sim-pin' }) });
  await port.call('status');
  const card = { card: '8986', label: 'CMCC', number: '+8613' };
  expect(heard).toEqual([
    { present: false, airplane: false, cards: [] },
    { present: true, airplane: false, cards: [card] },
  ]);
});

it('dials for the app in front', async () => {
  const { phone, port } = open();
  world.wires.up(state(MODEM));
  const call = phone.telephony.dial('+49 (30) 1-2', '8986');
  await port.call('status');
  const [{ id, ...asked }] = world.wires.line.asked as [Record<string, unknown>];
  expect(asked).toEqual({
    of: 'telephony',
    method: 'dial',
    params: { number: '+49 (30) 1-2', card: '8986' },
  });
  world.wires.line.say({ id, result: { call: 'c1' } });
  expect(await call).toEqual({ call: 'c1' });
  const code = phone.telephony.ussd('*100#');
  await port.call('status');
  world.wires.line.say({ id: 2, error: { code: 'no-network', detail: 'No network.' } });
  await expect(code).rejects.toMatchObject({ code: 'modem-no-network', message: 'No network.' });
});

it('calls an account without a handset, for the app in front alone', async () => {
  const { phone } = open();
  expect(await phone.telephony.dial(' @mei ')).toEqual({ call: 'account:1' });
  world.turn('messages');
  await expect(phone.telephony.dial('@mei')).rejects.toMatchObject({ code: 'not-in-front' });
  world.turn('notes');
  await expect(phone.telephony.dial('@mei\u0007')).rejects.toMatchObject({ code: 'bad-params' });
  await phone.telephony.dial('@Mei Lin');
  expect(world.called).toEqual(['@mei', '@Mei Lin']);
});

it('calls nobody for an app that is not looked at, on a device without a modem, or that was not granted it', async () => {
  const { phone } = open();
  await expect(phone.telephony.dial('112')).rejects.toMatchObject({ code: 'no-handset' });
  world.wires.up(state(MODEM));
  world.turn('mail');
  await expect(phone.telephony.dial('112')).rejects.toMatchObject({ code: 'not-in-front' });
  await expect(phone.telephony.cancelUssd()).rejects.toMatchObject({ code: 'not-in-front' });
  const { phone: other, port } = open(['messages', 'contacts']);
  await expect(other.telephony.dial('112')).rejects.toMatchObject({ code: 'not-granted' });
  await expect(port.call('telephony.state')).rejects.toMatchObject({ code: 'not-granted' });
  const stranger = world.open(appWith(['telephony'], false));
  await expect(stranger.phone.telephony.dial('112')).rejects.toMatchObject({ code: 'not-granted' });
  expect(world.wires.line.asked).toEqual([]);
});

it('hands on nothing that has another shape', async () => {
  const { port } = open();
  world.wires.up(state(MODEM));
  for (const params of [{}, { number: 1, card: '' }, { number: '', card: '' }, { number: 'tel:1', card: '' }])
    await expect(port.call('telephony.dial', params)).rejects.toMatchObject({ code: 'bad-params' });
  await expect(port.call('telephony.dial', { number: '1', card: '../x' })).rejects.toMatchObject({
    code: 'bad-params',
  });
  await expect(port.call('telephony.ussd', { code: '*1 0#', card: '' })).rejects.toMatchObject({
    code: 'bad-params',
  });
  expect(world.wires.line.asked).toEqual([]);
});
