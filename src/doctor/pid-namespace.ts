import { type Check, ok, warning } from './check.ts';

export const pidNamespace: Check = {
  name: 'pid namespace',
  looksAt: '/proc/self/ns/pid',
  warns: true,
  judge({ process: { initialPidNamespace } }) {
    if (initialPidNamespace) return ok('that of the host');
    return warning('this is not the pid namespace of the host, but that of a container', {
      // Iterators walk the tasks of their reader's pid namespace (task_seq_get_next, kernel/bpf/task_iter.c).
      cost: 'mappings from before the trace are found only in this container, and pids are those of the host',
      mend: 'run it on the host, or give the container the host’s pids: --pid=host',
    });
  },
};
