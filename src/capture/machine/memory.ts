import { freemem } from 'node:os';
import { dirname, join } from 'node:path';
import type { MemoryFacts } from '../../doctor/facts.ts';
import { numberIn, textOf } from './read.ts';

/** Where a memory controller's files are and what they are called. */
interface Controller {
  readonly root: string;
  readonly limit: string;
  readonly usage: string;
  /** The lines of memory.stat with what can be dropped: the page cache, without shared memory. */
  readonly cache: RegExp;
}

const V2: Controller = {
  root: '/sys/fs/cgroup',
  limit: 'memory.max',
  usage: 'memory.current',
  cache: /^(?:in)?active_file (\d+)$/gm,
};
const V1: Controller = {
  root: '/sys/fs/cgroup/memory',
  limit: 'memory.limit_in_bytes',
  usage: 'memory.usage_in_bytes',
  cache: /^total_(?:in)?active_file (\d+)$/gm,
};

/** This process's memory cgroup, as /proc/self/cgroup has it. */
function ownCgroup(): readonly [Controller, string] {
  const text = textOf('/proc/self/cgroup') ?? '';
  const [, old] = /^\d+:(?:\S*,)?memory(?:,\S*)?:(\/.*)$/m.exec(text) ?? [];
  if (old !== undefined) return [V1, old];
  return [V2, /^0::(\/.*)$/m.exec(text)?.[1] ?? '/'];
}

/** What a cgroup leaves; null when it has no limit (`max`, or a number that no machine reaches). */
function leftBy({ root, limit, usage, cache }: Controller, cgroup: string): MemoryFacts | null {
  const file = join(root, cgroup, limit);
  const bytes = numberIn(file);
  const used = numberIn(join(root, cgroup, usage));
  if (bytes === null || used === null || bytes >= Number.MAX_SAFE_INTEGER) return null;
  const stat = textOf(join(root, cgroup, 'memory.stat')) ?? '';
  const droppable = Array.from(stat.matchAll(cache), ([, size]) => Number(size));
  const available = Math.max(0, bytes - used + droppable.reduce((sum, size) => sum + size, 0));
  return { available, limit: { file, bytes } };
}

/** From a cgroup up to the root. */
function* upwards(cgroup: string): Generator<string, void, void> {
  for (let at = cgroup; ; at = dirname(at)) {
    yield at;
    if (dirname(at) === at) return;
  }
}

/** What the tightest limit on this process leaves. */
export function memoryFacts(): MemoryFacts | null {
  const [controller, cgroup] = ownCgroup();
  const machine: MemoryFacts = { available: availableMemory(), limit: null };
  const limits = Array.from(upwards(cgroup), (at) => leftBy(controller, at)).filter((left) => left !== null);
  return limits.reduce((least, limit) => (limit.available < least.available ? limit : least), machine);
}

/** MemAvailable (Documentation/filesystems/proc.rst): what can be had without swapping. */
function availableMemory(): number {
  const [, kib] = /^MemAvailable:\s*(\d+) kB$/m.exec(textOf('/proc/meminfo') ?? '') ?? [];
  return kib === undefined ? freemem() : Number(kib) * 1024;
}
