/** The kernel's buffers that events wait in for bpftrace. */
import { cpus, totalmem } from 'node:os';
import { PAGE } from '../page.ts';

const MIB = 1 << 20;
/** Bytes of all of them together are no more than this part of the memory that can be had. */
const PART = 1 / 10;
/** This part of it is not missed: a large machine can make more events while bpftrace is behind. */
const SMALL_PART = 1 / 256;
/** Bytes of the one that all CPUs share: so many, and a small part of the memory up to so many. */
const SHARED = 64 * MIB;
const SHARED_AT_MOST = 256 * MIB;
/** Where each CPU has its own: bytes of one at most; and of all together, or a small part of the memory. */
const OWN = 16 * MIB;
const OWN_IN_ALL = 128 * MIB;

export interface Buffers {
  /** 1: all CPUs share it; else each CPU has its own. */
  readonly count: number;
  /** Bytes of each, a power of two of pages, as the kernel wants it. */
  readonly bytes: number;
}

interface Machine {
  /** CPUs that are online, whichever of them this process may use. Asking can take 20 ms for each: some kernels measure its clock. */
  readonly cpus: () => number;
  /** Bytes of memory that this process may use. */
  readonly memory: number;
}

/** A cgroup may allow less than the machine has; 0 there is no limit. */
function thisMachine(): Machine {
  const memory = totalmem();
  return { cpus: () => cpus().length, memory: Math.min(memory, process.constrainedMemory() || memory) };
}

/** The largest power of two of pages in so many bytes. */
const fitting = (bytes: number): number => PAGE * 2 ** Math.floor(Math.log2(bytes / PAGE));

/** @param shared whether bpftrace has one buffer for all CPUs: {@link Runnable.shared} */
export function eventBuffers(shared: boolean, { cpus: countCpus, memory } = thisMachine()): Buffers {
  const [most, small] = [memory * PART, memory * SMALL_PART];
  if (shared) {
    const bytes = Math.min(Math.max(SHARED, small), SHARED_AT_MOST, most);
    return { count: 1, bytes: fitting(bytes) };
  }
  const count = countCpus();
  const inAll = Math.min(Math.max(OWN_IN_ALL, small), most);
  return { count, bytes: fitting(Math.min(OWN, inAll / count)) };
}

/** What gives bpftrace such buffers: it takes the pages of each. */
export const bufferEnvironment = ({ bytes }: Buffers): Readonly<Record<string, string>> => ({
  BPFTRACE_PERF_RB_PAGES: String(bytes / PAGE),
});
