/** Kernel values as text, the same in every format. */
import { constants } from 'node:os';
import { PAGE } from '../page.ts';

/** A number as hex text: `0x7f31c5a00000`. */
export const hex = (value: number): string => `0x${value.toString(16)}`;

/** Hex digits as hex text. */
export const pointer = (digits: string): string => `0x${digits}`;

/** Pages of 4 KiB in a range of bytes. */
export const pages = (start: number, end: number): number => Math.ceil(Math.max(0, end - start) / PAGE);

/** A range as its first byte and its size: `0x7f31c5a00000 4p`. */
export const range = (start: number, end: number): string => `${hex(start)} ${pages(start, end)}p`;

/** A kernel dev_t as `major:minor`. */
export const deviceNumber = (rdev: number): string => `${Math.floor(rdev / 0x10_0000)}:${rdev % 0x10_0000}`;

const ERRNO_NAMES = new Map(Object.entries(constants.errno).map(([name, number]) => [number, name]));

/** The name of an errno, of either sign: `EINVAL`; its number where it has none. */
export const errnoName = (errno: number): string => ERRNO_NAMES.get(Math.abs(errno)) ?? String(errno);

const UNITS = [
  ['s', 1e9],
  ['ms', 1e6],
  ['µs', 1e3],
] as const;

/** A duration in ns with three digits: `3.21 ms`. */
export function duration(ns: number): string {
  for (const [unit, size] of UNITS) {
    if (Math.abs(ns) < size) continue;
    const value = ns / size;
    return `${value >= 1000 ? Math.round(value) : value.toPrecision(3)} ${unit}`;
  }
  return `${ns} ns`;
}

/** ns from the start of the trace, to the microsecond: `+12.345678`. */
export function relativeTime(ns: number): string {
  const whole = Math.floor(Math.abs(ns) / 1000);
  const micros = String(whole % 1_000_000).padStart(6, '0');
  return `${ns < 0 ? '-' : '+'}${Math.floor(whole / 1_000_000)}.${micros}`;
}

/** `3 zaps`, `1 zap`. */
export const counted = (count: number, noun: string, plural = `${noun}s`): string =>
  `${count.toLocaleString('en-US')} ${count === 1 ? noun : plural}`;
