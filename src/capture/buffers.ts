/** The kernel's buffers that events wait in for bpftrace. */
import { cpus as onlineCpus, totalmem } from 'node:os';

/** Bytes of all of them together: no more than that, nor than this part of the machine's memory. */
const MOST = 128 << 20;
const PART = 1 / 10;
/** Bytes of one CPU's at most. */
const MOST_OF_CPU = 64 << 20;
const PAGE = 4096;

export interface Buffers {
  /** CPUs that are online: each has one. */
  readonly cpus: number;
  /** Bytes of each, a power of two of pages, as the kernel wants it. */
  readonly bytes: number;
}

/**
 * The buffers for this machine.
 * @param machine.cpus those that are online, whichever of them this process may use
 * @param machine.memory bytes
 */
export function eventBuffers({ cpus, memory } = { cpus: onlineCpus().length, memory: totalmem() }): Buffers {
  const most = Math.min(MOST_OF_CPU, Math.min(MOST, memory * PART) / cpus);
  return { cpus, bytes: PAGE * 2 ** Math.floor(Math.log2(most / PAGE)) };
}

/** What gives bpftrace such buffers. */
export const bufferEnvironment = ({ bytes }: Buffers): Readonly<Record<string, string>> => ({
  BPFTRACE_PERF_RB_PAGES: String(bytes / PAGE),
});
