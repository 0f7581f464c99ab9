/** Points in time as people write them. */
import type { Clock } from './clock.ts';

const NS_PER: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  ms: 1e6,
  '': 1e9,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
};
const DAY_NS = 86_400_000_000_000n;
const HOUR_NS = 3_600_000_000_000n;

/** What can be written for a point in time, for messages. */
export const POINT_FORMS =
  'nanoseconds since boot, +3.5s from the start, 12:30:05, or 2025-11-22T12:30:05.5Z';

/** A duration in ns, of `10`, `10s`, `1.5ms`, `2m`; null when it is none. */
export function parseDuration(text: string): number | null {
  const [, digits, unit = ''] = /^(\d+(?:\.\d+)?)(ns|us|ms|s|m|h)?$/.exec(text) ?? [];
  const size = NS_PER[unit];
  if (digits === undefined || size === undefined) return null;
  const ns = Math.round(Number(digits) * size);
  return Number.isSafeInteger(ns) ? ns : null;
}

const fraction = (digits: string): bigint => BigInt(digits.padEnd(9, '0').slice(0, 9));

/** ns since the epoch of a date and time, in UTC, with an offset, or here; null when it is none. */
function parseDate(text: string): bigint | null {
  const form = /^(\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?)(?:\.(\d+))?(Z|[+-]\d\d:?\d\d)?$/;
  const [, main, digits = '', zone = ''] = form.exec(text) ?? [];
  if (main === undefined) return null;
  const ms = Date.parse(main.replace(' ', 'T') + zone);
  return Number.isNaN(ms) ? null : BigInt(ms) * 1_000_000n + fraction(digits);
}

/** ns since the epoch of a time of day within the day that begins an hour before the recording. */
function parseTimeOfDay(text: string, clock: Clock): bigint | null {
  const [, hours, minutes, seconds = '0', digits = ''] =
    /^([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d)(?:\.(\d+))?)?$/.exec(text) ?? [];
  const start = clock.wall(0);
  if (hours === undefined || start === null) return null;
  const day = new Date(Number(start / 1_000_000n));
  if (Number.isNaN(day.getTime())) return null;
  const ms = day.setHours(Number(hours), Number(minutes), Number(seconds), 0);
  const wall = BigInt(ms) * 1_000_000n + fraction(digits);
  return wall < start - HOUR_NS ? wall + DAY_NS : wall;
}

/**
 * ns since the start, of a point in time as text; null when it cannot be read, or is wall
 * clock and the recording does not tell its own.
 */
export function parsePoint(text: string, clock: Clock): number | null {
  if (text.startsWith('+')) return parseDuration(text.slice(1));
  if (/^\d{1,19}$/.test(text)) return Number(BigInt(text) - clock.origin.boot);
  const wall = parseDate(text) ?? parseTimeOfDay(text, clock);
  return wall === null ? null : clock.fromWall(wall);
}
