import { describe, expect, it } from 'vitest';
import { Clock } from '../../src/report/clock.ts';
import { parseDuration, parsePoint } from '../../src/report/point.ts';

process.env['TZ'] = 'UTC';
/** Started at 2025-11-22T23:30:00Z, 1000 s after boot. */
const WALL = 1_763_854_200_000_000_000n;
const clock = new Clock({ origin: 1_000_000_000_000n, anchor: { boot: 1_000_000_000_000n, wall: WALL } });

describe('parseDuration', () => {
  it.each([
    ['10', 10e9],
    ['10s', 10e9],
    ['500ms', 5e8],
    ['2m', 120e9],
    ['1.5', 1.5e9],
    ['7ns', 7],
    ['', null],
    ['-1', null],
    ['1d', null],
    ['1e3', null],
    ['99999999999999s', null],
  ])('of %j is %j', (text, ns) => {
    expect(parseDuration(text)).toBe(ns);
  });
});

describe('parsePoint', () => {
  it.each([
    ['1000000000007', 7],
    ['999999999999', -1],
    ['+3.5s', 3.5e9],
    ['+2', 2e9],
    ['2025-11-22T23:30:01.5Z', 1.5e9],
    ['2025-11-23T00:30:01.000000001+01:00', 1e9 + 1],
    ['2025-11-22 23:30:02', 2e9],
    ['23:30:05.25', 5.25e9],
    ['23:29', -60e9],
    ['00:10', 40 * 60e9],
    ['24:00', null],
    ['23:60', null],
    ['12:00:61', null],
    ['yesterday', null],
    ['2025-13-40T00:00Z', null],
    ['3.5s', null],
    ['', null],
  ])('of %j is %j', (text, ns) => {
    expect(parsePoint(text, clock)).toBe(ns);
  });

  it('knows no wall clock where the recording tells none', () => {
    const blind = new Clock({ origin: 5n });
    expect(parsePoint('12:00', blind)).toBeNull();
    expect(parsePoint('15', blind)).toBe(10);
  });
});

describe('Clock', () => {
  it('tells wall-clock time to the nanosecond', () => {
    expect(clock.iso(1_000_000_001)).toBe('2025-11-22T23:30:01.000000001Z');
    expect(clock.timeOfDay(1_000_001_000)).toBe('23:30:01.000001');
    expect(clock.dayAndTime(0)).toBe('2025-11-22 23:30:00 +00:00');
    expect(clock.boot(-1)).toBe('999999999999');
  });

  it('tells none where it cannot', () => {
    expect(new Clock({ origin: 0n }).iso(0)).toBeNull();
    const absurd = new Clock({ origin: 0n, anchor: { boot: 0n, wall: 9_999_999_999_999_999_999n } });
    expect(absurd.iso(2 ** 63)).toEqual(expect.anything());
    expect(absurd.iso(-(2 ** 64))).toBeNull();
  });
});
