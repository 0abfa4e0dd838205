import { expect, it } from 'vitest';
import { telephonyOf } from '../src/handset/states.ts';
import { barsOf, receptions, wifiGlyph } from '../src/status/network.ts';

const MODEM = {
  id: '/m/0',
  lock: '',
  card: '8986',
  label: 'CMCC',
  operator: 'China Mobile',
  registration: 'home',
  roaming: false,
  signal: 60,
  technology: '4g',
  calls: true,
};
const of = (...modems: object[]) => receptions(telephonyOf({ present: true, modems })!);

it('tells operator, bars and technology of a card in its network, or in another one', () => {
  expect(of(MODEM)).toEqual([
    { bars: 3, operator: 'China Mobile', said: '', roaming: false, technology: '4G' },
  ]);
  const [abroad] = of({ ...MODEM, registration: 'roaming', roaming: true, operator: '' });
  expect(abroad).toMatchObject({ operator: 'CMCC', roaming: true });
});

it('says why there is no service', () => {
  const said = (more: object) => of({ ...MODEM, ...more })[0]?.said;
  expect(said({ lock: 'sim-pin' })).toBe('status.sim-locked');
  expect(said({ lock: 'sim-puk' })).toBe('status.sim-locked');
  expect(said({ registration: 'searching' })).toBe('status.no-service');
  expect(said({ registration: 'denied' })).toBe('status.no-service');
  expect(said({ registration: 'emergency' })).toBe('status.emergency-only');
  expect(said({ registration: 'none', card: '' })).toBe('status.no-sim');
  expect(said({ registration: 'emergency', card: '' })).toBe('status.emergency-only');
});

it('shows two cards, no empty slot beside one, and nothing in airplane mode', () => {
  const empty = { ...MODEM, card: '', registration: 'none' };
  expect(of(MODEM, { ...MODEM, operator: 'China Unicom' }, MODEM).map(({ operator }) => operator)).toEqual([
    'China Mobile',
    'China Unicom',
  ]);
  expect(of(MODEM, empty).map(({ said }) => said)).toEqual(['']);
  expect(of(empty, empty).map(({ said }) => said)).toEqual(['status.no-sim']);
  expect(
    receptions({
      airplane: true,
      shows: '',
      full: false,
      letters: new Map(),
      modems: [],
      calls: [],
      emergency: [],
    }),
  ).toEqual([]);
  expect(of({ ...MODEM, calls: false, card: '' })).toEqual([]); // a modem for data alone
});

it('has as many bars as the signal is strong', () => {
  expect([0, 1, 25, 26, 75, 76, 100].map(barsOf)).toEqual([0, 1, 1, 2, 3, 4, 4]);
  expect([10, 50, 90].map(wifiGlyph)).toEqual(['wifi-low', 'wifi-high', 'wifi']);
});
