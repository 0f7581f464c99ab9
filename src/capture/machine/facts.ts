import type { Facts } from '../../doctor/facts.ts';
import { bpftraceVersion, findBpftrace } from '../bpftrace.ts';
import { hasUverbs } from '../module.ts';
import { rdmaDevices } from './devices.ts';
import { kernelFacts } from './kernel.ts';
import { memoryFacts } from './memory.ts';
import { processFacts } from './process.ts';
import { ownedPaths } from './programs.ts';

/**
 * What the checks are told of this machine, as far as reading files tells it: nothing is planned or tried, and no program is run.
 * @param asRoot the line that runs the same as root
 */
export function machineFacts(asRoot: string, env: NodeJS.ProcessEnv): Facts {
  const path = findBpftrace();
  return {
    starts: null,
    process: processFacts(asRoot, env),
    kernel: kernelFacts(),
    memory: memoryFacts(),
    programs: ownedPaths(path),
    uverbs: hasUverbs(),
    devices: rdmaDevices(),
    plan: null,
    unplanned: null,
    bpftrace: path === null ? null : { path, version: null, trial: null },
  };
}

/** The same facts with the version that bpftrace tells of itself. */
export async function withVersion(facts: Facts): Promise<Facts> {
  const { bpftrace } = facts;
  if (bpftrace === null) return facts;
  return { ...facts, bpftrace: { ...bpftrace, version: await bpftraceVersion(bpftrace.path) } };
}
