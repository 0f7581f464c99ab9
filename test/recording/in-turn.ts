/** A recording of two CPUs as bpftraces of different kinds tell it. */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

/** 14 s of two CPUs. */
const RECORDING = new URL('../golden/recordings/chaos-6.12.rec.gz', import.meta.url);
const EVENT = /^[A-Z]{1,2} ([0-9a-f]+) [0-9a-f]+ ([0-9a-f]+) /;

const [header = '', ...rest] = gunzipSync(readFileSync(RECORDING)).toString('latin1').split('\n');

/** Its header, if bpftrace had so many buffers. */
export const headerWith = (buffers: number): string =>
  header.replace(/^\{/, `{"buffers":{"count":${buffers},"bytes":16777216},`);

/** Its other lines, as one buffer for all CPUs gives them. */
export const lines: readonly string[] = rest;

/** When the event of a line happened, ns since boot; null where the line is none. */
export function momentOf(line: string): bigint | null {
  const [, , ns] = EVENT.exec(line) ?? [];
  return ns === undefined ? null : BigInt(`0x${ns}`);
}

const cpuOf = (line: string): number => Number.parseInt(EVENT.exec(line)?.[1] ?? 'ff', 16);

/** The lines of one CPU after those of the other, then what is of none. */
export const inTurn = (some: readonly string[]): string[] => some.toSorted((a, b) => cpuOf(a) - cpuOf(b));
