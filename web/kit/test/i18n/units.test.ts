import { describe, expect, it } from 'vitest';
import { bytesText, clockText, timeText } from '../../src/i18n/units.ts';

const plain = (text: string) => text.replace(/[\u00a0\u202f]/g, ' ');

describe('the clock', () => {
  const afternoon = new Date(2024, 4, 6, 14, 5);
  const morning = new Date(2024, 4, 6, 9, 5);

  it('has the hours of the place, without AM and PM', () => {
    expect(['en-US', 'en-GB', 'zh-CN', 'zh-TW', 'de'].map((tag) => clockText(afternoon, tag))).toEqual([
      '2:05',
      '14:05',
      '14:05',
      '2:05',
      '14:05',
    ]);
    expect(['en-US', 'en-GB', 'zh-CN'].map((tag) => clockText(morning, tag))).toEqual([
      '9:05',
      '09:05',
      '09:05',
    ]);
  });

  it('shows the hours that a message of the same moment shows', () => {
    expect(plain(timeText(afternoon, 'en-US'))).toBe('2:05 PM');
    for (const tag of ['en-US', 'en-GB', 'zh-CN', 'zh-TW'])
      expect(timeText(afternoon, tag)).toContain(clockText(afternoon, tag));
  });
});

describe('sizes', () => {
  it('are bytes below a kilobyte', () => {
    expect([0, 1, 10, 999].map((count) => bytesText(count, 'en'))).toEqual([
      '0 bytes',
      '1 byte',
      '10 bytes',
      '999 bytes',
    ]);
    expect(bytesText(10, 'zh-CN')).toBe('10字节');
  });

  it('are in the unit that keeps them short', () => {
    const sizes = [1000, 1500, 42_000, 999_999, 3_200_000_000, 100e9, 5e12, 5e15];
    expect(sizes.map((count) => plain(bytesText(count, 'en')))).toEqual([
      '1 kB',
      '1.5 kB',
      '42 kB',
      '1 MB',
      '3.2 GB',
      '100 GB',
      '5 TB',
      '5,000 TB',
    ]);
  });
});
