/**
 * What attaching will want, begun before all else: on a slow machine each of these takes a good part of a second. Little more than
 * this is loaded by then.
 */
import { findBpftrace, WaitingBpftrace } from '../capture/bpftrace.ts';
import { hasModuleTypes, isPreemptible } from '../capture/kernel.ts';
import { hasUverbs } from '../capture/module.ts';
import { WatchedKernel } from '../capture/watched-kernel.ts';
import type { Kernel } from '../plan/kernel.ts';
import { makePlan, methodsFor } from '../plan/plan.ts';
import { likelySettings, makeTraceProgram, type Runnable } from '../plan/program.ts';
import { UserError } from '../user-error.ts';

/** What was begun; nothing of it is needed. */
export interface Ahead {
  /** null where the kernel cannot be read: the checks say why, or attaching does. */
  readonly watched: WatchedKernel | null;
  readonly waiting: WaitingBpftrace | null;
}

const NOTHING: Ahead = { watched: null, waiting: null };

/** The program of the first attempt: it does not depend on what looks at the machine beside it, which is planned later. */
function firstProgram(kernel: Kernel, pin: boolean): Runnable {
  const [method] = methodsFor(kernel, pin);
  return makeTraceProgram(makePlan(kernel, { method, looks: false }), kernel);
}

/**
 * Has the kernel write its symbols, and a bpftrace wait for its program, which it compiles while it is checked what this machine is; what
 * it prints waits for who takes it.
 * @param pin whether modules may be kept from being unloaded
 */
export async function beginAhead(pin: boolean): Promise<Ahead> {
  if (process.geteuid?.() !== 0) return NOTHING;
  const bpftrace = findBpftrace();
  if (bpftrace === null) return NOTHING;
  const watched = new WatchedKernel();
  const settings = likelySettings({ preemptible: isPreemptible(), moduleTypes: hasModuleTypes() }, pin);
  const waiting = hasUverbs() ? new WaitingBpftrace(bpftrace, settings) : null;
  try {
    const kernel = await watched.now();
    waiting?.give(firstProgram(kernel, pin));
    return { watched, waiting };
  } catch (error) {
    waiting?.dismiss();
    if (error instanceof UserError) return NOTHING;
    throw error;
  }
}
