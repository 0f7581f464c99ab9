import { openSync, readSync } from 'node:fs';

/** A moment on both clocks: ns since boot (CLOCK_BOOTTIME) and ns since the epoch. */
export interface Moment {
  readonly boot: bigint;
  readonly wall: bigint;
}

const NS_PER_MS = 1_000_000n;
/** /proc/uptime has hundredths of a second. */
const UPTIME_STEP = 20n * NS_PER_MS;

/** Opened once: the clock is looked at ten times a second and more. */
let uptimeFile: number | undefined;
const text = Buffer.alloc(64);

/** Seconds since boot, as the kernel writes them (uptime_proc_show, fs/proc/uptime.c): made anew for each reading from the start. */
function uptimeText(): string {
  uptimeFile ??= openSync('/proc/uptime', 'r');
  const [uptime = '0'] = text.toString('latin1', 0, readSync(uptimeFile, text, 0, text.length, 0)).split(' ');
  return uptime;
}

/**
 * Node tells CLOCK_MONOTONIC; events are stamped with CLOCK_BOOTTIME, which goes on
 * while the machine is suspended. /proc/uptime is CLOCK_BOOTTIME: what it is ahead, beyond
 * its own coarseness, is the time spent suspended, known to a hundredth of a second.
 */
function suspendedNs(): bigint {
  const uptime = uptimeText();
  const monotonic = process.hrtime.bigint(); // afterwards: waiting for a CPU in between must not look like a suspend
  const [seconds = '0', hundredths = '0'] = uptime.split('.');
  const ahead = (BigInt(seconds) * 100n + BigInt(hundredths)) * 10n * NS_PER_MS - monotonic;
  return ahead < UPTIME_STEP ? 0n : ahead;
}

/** The current moment; `wall` is good to a millisecond. */
export function now(): Moment {
  return { boot: process.hrtime.bigint() + suspendedNs(), wall: BigInt(Date.now()) * NS_PER_MS };
}
