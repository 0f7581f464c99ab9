import type { BpftraceFacts, Facts } from '../../doctor/facts.ts';
import { bpftraceVersion, findBpftrace } from '../bpftrace.ts';
import { rdmaDevices } from './devices.ts';
import { kernelFacts } from './kernel.ts';
import { memoryFacts } from './memory.ts';
import { processFacts } from './process.ts';
import { ownedPaths } from './programs.ts';
import { isThere } from './read.ts';

async function bpftraceFacts(): Promise<BpftraceFacts | null> {
  const path = await findBpftrace().catch(() => null);
  return path === null ? null : { path, version: await bpftraceVersion(path), trial: null };
}

/**
 * What the checks are told of this machine, as far as reading files tells it: nothing is planned or tried.
 * @param asRoot the line that runs the same as root
 */
export async function machineFacts(asRoot: string, env: NodeJS.ProcessEnv): Promise<Facts> {
  const bpftrace = await bpftraceFacts();
  return {
    process: processFacts(asRoot, env),
    kernel: kernelFacts(),
    bpftrace,
    memory: memoryFacts(),
    programs: ownedPaths(bpftrace?.path ?? null),
    uverbs: isThere('/sys/module/ib_uverbs'),
    devices: rdmaDevices(),
    plan: null,
  };
}
