import { describe, expect, it } from 'vitest';
import { Pace } from '../../src/capture/pace.ts';

const SOCKET = 27 << 10;

describe('Pace', () => {
  it('waits as long as it may where little comes', () => {
    const pace = new Pace();
    const waits = Array.from({ length: 5 }, () => pace.after(160));
    expect(waits).toEqual([16, 16, 16, 16, 16]);
  });

  it('reads at once where bpftrace always fills its socket', () => {
    const pace = new Pace();
    const waits = Array.from({ length: 7 }, () => pace.after(SOCKET));
    expect(waits).toEqual([8, 4, 2, 1, 0, 0, 0]);
  });

  it('comes back to waiting when the storm is over', () => {
    const pace = new Pace();
    for (let i = 0; i < 50; i++) pace.after(SOCKET);
    const waits = Array.from({ length: 6 }, () => pace.after(160));
    expect(waits).toEqual([1, 2, 4, 8, 16, 16]);
  });

  it.each([1, 3, 5, 10, 100])('keeps up with %i KiB a ms, and reads no more often than it must', (rate) => {
    const pace = new Pace();
    let ms = 1;
    for (let i = 0; i < 20; i++) ms = pace.after(Math.min(SOCKET, rate * 1024 * Math.max(ms, 0.1)));
    const told = rate * 1024 * ms;
    expect(told).toBeLessThanOrEqual(1 << 14);
    expect(ms === 0 || told >= 1 << 11).toBe(true);
  });
});
