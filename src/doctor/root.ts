import { type Check, missing, ok } from './check.ts';
import type { ProcessFacts } from './facts.ts';

/** Whether the kernel takes it for root. */
export const isRoot = ({ euid, initialUserNamespace }: ProcessFacts): boolean =>
  euid === 0 && initialUserNamespace;

const COST = 'no probe can be attached';

/**
 * What a trace needs of root's capabilities: CAP_SYS_ADMIN, or CAP_BPF to load programs and CAP_PERFMON to read the kernel's memory
 * and attach kprobes (seen on 6.12 with bpftrace 0.23); CAP_SYSLOG to see addresses.
 */
function lacking({ capabilities }: ProcessFacts): string[] {
  const toTrace = capabilities.has('CAP_SYS_ADMIN') ? [] : ['CAP_BPF', 'CAP_PERFMON'];
  return [...toTrace, 'CAP_SYSLOG'].filter((name) => !capabilities.has(name));
}

/** bpftrace asks for uid 0, whatever the capabilities ("only supports running as the root user", 0.17 to 0.23). */
export const root: Check = {
  name: 'root',
  looksAt: 'effective uid, capabilities, user namespace',
  judge({ process }) {
    if (process.euid !== 0) {
      return missing('this is not root, which bpftrace asks for whatever the capabilities', {
        cost: COST,
        mend: process.asRoot,
      });
    }
    if (!process.initialUserNamespace) {
      return missing('this is root in a user namespace only', {
        cost: COST,
        mend: 'run it as root of the host',
      });
    }
    const lacks = lacking(process);
    if (lacks.length === 0) return ok('root, with the capabilities that it takes');
    return missing(`this is root without ${lacks.join(', ')}`, {
      cost: COST,
      mend: `give the container or service CAP_BPF, CAP_PERFMON and CAP_SYSLOG: --cap-add ${lacks.map((name) => name.slice(4)).join(' --cap-add ')}`,
    });
  },
};
