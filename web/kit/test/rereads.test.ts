import { describe, expect, it } from 'vitest';
import { rereads } from '../src/rereads.ts';

/** Readings that end when they are told to, whatever their order. */
class Readings {
  readonly begun: { done: () => void; fail: (error: Error) => void }[] = [];
  shown = -1;
  readonly read = rereads(async () => {
    const number = this.begun.length;
    await new Promise<void>((done, fail) => this.begun.push({ done, fail }));
    this.shown = number;
  });
}

describe('rereads', () => {
  it('shows what was read after the last change, though an earlier reading takes longer', async () => {
    const readings = new Readings();
    const [first, second] = [readings.read(), readings.read()];
    readings.begun[1]?.done(); // the newer one first, had both begun
    readings.begun[0]!.done();
    await first;
    expect(readings.begun.length).toBe(2);
    readings.begun[1]!.done();
    await second;
    expect(readings.shown).toBe(1);
  });

  it('reads once for all who ask while another reading runs', async () => {
    const readings = new Readings();
    const first = readings.read();
    const others = [readings.read(), readings.read(), readings.read()];
    readings.begun[0]!.done();
    await first;
    readings.begun[1]!.done();
    await Promise.all(others);
    expect(readings.begun.length).toBe(2);
  });

  it('reads anew when it is asked at the very end of a reading, and never two at once', async () => {
    const readings = new Readings();
    const first = readings.read();
    let third: Promise<void> | undefined;
    void first.then(() => {
      third = readings.read();
    });
    const second = readings.read();
    readings.begun[0]!.done();
    await first;
    expect(readings.begun.length).toBe(2);
    readings.begun[1]!.done();
    await Promise.all([second, third]);
    expect(readings.begun.length).toBe(2);
    const last = readings.read();
    readings.begun[2]!.done();
    await last;
    expect(readings.shown).toBe(2);
  });

  it('tells who asked that it failed, and goes on for the others', async () => {
    const readings = new Readings();
    const first = readings.read();
    const second = readings.read();
    readings.begun[0]!.fail(new Error('no room'));
    await expect(first).rejects.toThrow('no room');
    readings.begun[1]!.done();
    await second;
    expect(readings.shown).toBe(1);
  });
});
