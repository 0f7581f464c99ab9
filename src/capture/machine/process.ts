import type { ProcessFacts } from '../../doctor/facts.ts';
import { isInitial } from '../kernel.ts';
import { textOf } from './read.ts';

/** include/uapi/linux/capability.h; those that tracing may need. */
const CAPABILITIES = {
  CAP_DAC_READ_SEARCH: 2,
  CAP_IPC_LOCK: 14,
  CAP_SYS_PTRACE: 19,
  CAP_SYS_ADMIN: 21,
  CAP_SYS_RESOURCE: 24,
  CAP_SYSLOG: 34,
  CAP_PERFMON: 38,
  CAP_BPF: 39,
} as const;

function effectiveCapabilities(): Set<string> {
  const [, hex = '0'] = /^CapEff:\s*([0-9a-f]+)$/m.exec(textOf('/proc/self/status') ?? '') ?? [];
  const mask = BigInt(`0x${hex}`);
  const names = Object.entries(CAPABILITIES).flatMap(([name, bit]) =>
    (mask >> BigInt(bit)) & 1n ? [name] : [],
  );
  return new Set(names);
}

/** Who this process runs as. @param asRoot the line that runs the same as root */
export function processFacts(asRoot: string, env: NodeJS.ProcessEnv): ProcessFacts {
  const caller = env['SUDO_UID'];
  return {
    euid: process.geteuid?.() ?? -1,
    caller: caller === undefined || !/^\d+$/.test(caller) ? null : Number(caller),
    capabilities: effectiveCapabilities(),
    initialUserNamespace: isInitial('user'),
    initialPidNamespace: isInitial('pid'),
    asRoot,
  };
}
