import { expect, it } from 'vitest';
import { bluetoothOf, idOf, Radios, wifiOf } from '../radios.ts';

it('shows Wi-Fi of any shape', () => {
  expect(wifiOf({ present: true, wifi: null })).toBeUndefined();
  const wifi = wifiOf({
    present: true,
    wifi: {
      enabled: 1,
      blocked: true,
      status: 'connecting',
      networks: [null, { id: '41', name: 7, strength: 900, security: 'wpa9', known: true }],
      known: [{ id: '41', name: 'A' }, 'B'],
    },
  });
  expect(wifi).toMatchObject({ enabled: false, blocked: true, connected: false, connecting: true, name: '' });
  // What protects it is not known: nothing is joined by guessing.
  expect(wifi!.networks).toEqual([
    { id: '41', name: '', strength: 100, security: 'enterprise', known: true, active: false },
  ]);
  expect(wifi!.known).toEqual([{ id: '41', name: 'A' }]);
});

it('shows Bluetooth of any shape', () => {
  for (const odd of [undefined, 'on', { powered: true }]) expect(bluetoothOf(odd)).toBeUndefined();
  const shown = bluetoothOf({ present: true, powered: true, devices: [{ id: 'A', battery: '5' }, 3] });
  expect(shown).toEqual({
    powered: true,
    searching: false,
    devices: [{ id: 'A', name: '', icon: '', paired: false, connected: false, battery: undefined }],
  });
});

it('names a network by its bytes', () => {
  expect(idOf('茶')).toBe('e88cb6');
  expect(idOf('A\n')).toBe('410a');
});

it('asks the daemon in its own words', async () => {
  const asked: unknown[] = [];
  const radios = new Radios(async (...words) => asked.push(words));
  radios.see({ network: { present: true, wifi: { enabled: true } }, bluetooth: { present: true } });
  expect([radios.wifi.value?.enabled, radios.bluetooth.value?.powered]).toEqual([true, false]);
  await radios.join({ id: '41', password: 'tea-for-all' });
  await radios.startHotspot('Mei', 'tea-for-all');
  await radios.stopHotspot();
  await radios.search(false);
  await radios.withDevice('A', 'remove');
  expect(asked).toEqual([
    ['network', 'join', { id: '41', password: 'tea-for-all' }],
    ['network', 'hotspot', { name: 'Mei', password: 'tea-for-all' }],
    ['network', 'hotspot-stop'],
    ['bluetooth', 'search', { on: false }],
    ['bluetooth', 'remove', { id: 'A' }],
  ]);
  radios.see({ power: {} }); // of others
  expect(radios.wifi.value).toBeDefined();
  radios.lose();
  expect([radios.wifi.value, radios.bluetooth.value]).toEqual([undefined, undefined]);
});
