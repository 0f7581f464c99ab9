import { type Check, ok, unknown, warning } from './check.ts';

const MIB = 1 << 20;
/** Node and two bpftraces 0.23 (LLVM) took up to 175 MiB while they attached to 6.12 (memory.peak); with 160 MiB bpftrace was killed. */
const NEEDED = 256;

export const memory: Check = {
  name: 'memory',
  looksAt: 'memory.max of the cgroup and those above it, MemAvailable',
  warns: true,
  hinders: true,
  judge({ memory: facts }) {
    if (facts === null) return unknown('how much can be had is not told');
    const { limit } = facts;
    const available = Math.floor(facts.available / MIB);
    if (available >= NEEDED) return ok(`${available} MiB can be had`);
    const by = limit === null ? 'on this machine' : `for ${limit.file}`;
    return warning(`no more than ${available} MiB can be had ${by}; attaching may take ${NEEDED} MiB`, {
      cost: 'bpftrace, or umaptrace, may be killed',
      mend:
        limit === null
          ? 'end what takes the memory'
          : `echo ${Math.ceil(limit.bytes / MIB) + NEEDED - available}M > ${limit.file}    (or run umaptrace outside of that cgroup)`,
    });
  },
};
