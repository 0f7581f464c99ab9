/** Kernel values as text, the same in every format. */
import { constants } from 'node:os';
import { PAGE } from '../page.ts';

/** Six digits. */
const LOW = 2 ** 24;

/**
 * A number below 2^53 as hex text: `0x7f31c5a00000`. In two pieces, each a small integer to V8: it takes five times as long for any other
 * number, whose digits behind the point it looks for.
 */
export function hex(value: number): string {
  const high = Math.floor(value / LOW);
  const low = value - high * LOW;
  return high === 0 ? `0x${low.toString(16)}` : `0x${high.toString(16)}${low.toString(16).padStart(6, '0')}`;
}

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

/** `3 zaps`, `1 zap`. */
export const counted = (count: number, noun: string, plural = `${noun}s`): string =>
  `${count.toLocaleString('en-US')} ${count === 1 ? noun : plural}`;
