/** Every check, in the order in which they are told: one line here, one file for each. */
import { addresses } from './addresses.ts';
import { architecture } from './architecture.ts';
import { bpftrace } from './bpftrace.ts';
import { btf } from './btf.ts';
import type { Check } from './check.ts';
import { devices } from './devices.ts';
import { ftrace } from './ftrace.ts';
import { kernelOptions } from './kernel-options.ts';
import { kprobes } from './kprobes.ts';
import { lockdown } from './lockdown.ts';
import { memory } from './memory.ts';
import { moduleBtf } from './module-btf.ts';
import { perfEvents } from './perf-events.ts';
import { pidNamespace } from './pid-namespace.ts';
import { preemption } from './preemption.ts';
import { probes } from './probes.ts';
import { programs } from './programs.ts';
import { root } from './root.ts';
import { snapshot } from './snapshot.ts';
import { starts } from './starts.ts';
import { tracefs } from './tracefs.ts';
import { trial } from './trial.ts';
import { uverbs } from './uverbs.ts';

export const CHECKS: readonly Check[] = [
  root,
  programs,
  pidNamespace,
  memory,
  architecture,
  kernelOptions,
  lockdown,
  addresses,
  perfEvents,
  btf,
  moduleBtf,
  tracefs,
  ftrace,
  kprobes,
  preemption,
  starts,
  bpftrace,
  trial,
  uverbs,
  devices,
  probes,
  snapshot,
];
