/** The kernel's buffers that events wait in for bpftrace. */
import { cpus, totalmem } from 'node:os';
import { PAGE } from '../page.ts';

const MIB = 1 << 20;
/** Bytes of all of them together are no more than this part of the memory that can be had. */
const PART = 1 / 10;
/** Bytes of the one that all CPUs share at most. */
const SHARED = 64 * MIB;
/** Where each CPU has its own: bytes of one, and of all together, at most. */
const OWN = 16 * MIB;
const OWN_IN_ALL = 128 * MIB;

export interface Buffers {
  /** 1: all CPUs share it; else each CPU has its own. */
  readonly count: number;
  /** Bytes of each, a power of two of pages, as the kernel wants it. */
  readonly bytes: number;
}

interface Machine {
  /** CPUs that are online, whichever of them this process may use. */
  readonly cpus: number;
  /** Bytes of memory that this process may use. */
  readonly memory: number;
}

/** A cgroup may allow less than the machine has; 0 there is no limit. */
function thisMachine(): Machine {
  const memory = totalmem();
  return { cpus: cpus().length, memory: Math.min(memory, process.constrainedMemory() || memory) };
}

/** @param shared whether bpftrace has one buffer for all CPUs: {@link Runnable.shared} */
export function eventBuffers(shared: boolean, { cpus: count, memory } = thisMachine()): Buffers {
  const most = shared
    ? Math.min(SHARED, memory * PART)
    : Math.min(OWN, Math.min(OWN_IN_ALL, memory * PART) / count);
  return { count: shared ? 1 : count, bytes: PAGE * 2 ** Math.floor(Math.log2(most / PAGE)) };
}

/** What gives bpftrace such buffers: it takes the pages of each. */
export const bufferEnvironment = ({ bytes }: Buffers): Readonly<Record<string, string>> => ({
  BPFTRACE_PERF_RB_PAGES: String(bytes / PAGE),
});
